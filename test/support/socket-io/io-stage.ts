import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server, ServerOptions, Socket } from 'socket.io';
import {
  io,
  type ManagerOptions,
  type Socket as ClientSocket,
  type SocketOptions,
} from 'socket.io-client';
import { LongPolling } from './long-polling.js';
import type { ServerHost } from './server-host.js';

type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** A server and its clients. */
export class IoStage {
  static async open(host: ServerHost, options: Partial<ServerOptions> = {}): Promise<IoStage> {
    const server = new host.Server(0, options);
    await host.ready();
    return new IoStage(server);
  }

  readonly #clients: ClientSocket[] = [];
  readonly #pollings: LongPolling[] = [];

  private constructor(readonly server: Server) {}

  get port(): number {
    return (this.server.httpServer.address() as AddressInfo).port;
  }

  /** Creates a client, which connects. */
  client(namespace = '/', options: ClientOptions = {}): ClientSocket {
    const client = io(`http://127.0.0.1:${this.port}${namespace}`, {
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** Connects a client, and returns both ends. */
  async connect(
    namespace = '/',
    options: ClientOptions = {},
  ): Promise<{ readonly client: ClientSocket; readonly socket: Socket }> {
    const client = this.client(namespace, options);
    await heard(client, 'connect');
    return { client, socket: this.server.of(namespace).sockets.get(client.id!)! };
  }

  /** Begins a session of a client that speaks the protocol itself. */
  async poll(version?: number): Promise<LongPolling> {
    const polling = await LongPolling.open(this.port, version);
    this.#pollings.push(polling);
    return polling;
  }

  async close(): Promise<void> {
    // A server would wait for their next polls.
    await Promise.all(this.#pollings.map(polling => polling.send('1')));
    this.#clients.forEach(client => client.disconnect());
    await this.server.close();
  }
}

/** The arguments of the next event of this name. */
export function heard(emitter: ClientSocket | Socket, event: string): Promise<unknown[]> {
  return once(emitter as never, event);
}
