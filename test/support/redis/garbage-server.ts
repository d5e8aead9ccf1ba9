import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { RespReader } from './resp-reader.js';

/** The reply of a server to a command, as bytes of RESP; `undefined` for no reply. */
export type Answerer = (command: string) => string | undefined;

/** A server that reads commands like Redis, and sends any reply. */
export class GarbageServer {
  static async start(answer: Answerer): Promise<GarbageServer> {
    const server = new GarbageServer(answer);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  readonly commands: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(answer: Answerer) {
    this.#server = createServer(socket => {
      this.#sockets.add(socket);
      const reader = new RespReader();
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', bytes => {
        for (const { head } of reader.read(bytes)) {
          const command = head.toUpperCase();
          this.commands.push(command);
          socket.write(answer(command) ?? '');
        }
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#sockets.forEach(socket => socket.destroy());
    this.#server.close();
    await once(this.#server, 'close');
  }
}
