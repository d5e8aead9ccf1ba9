import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Application } from './application.js';

/**
 * A load balancer for several hosts, like a Service of Kubernetes: each new connection goes to the next endpoint in
 * the rotation, and stays there when the endpoint is withdrawn.
 */
export class Service {
  static readonly #all = new Set<Service>();

  static async start(hosts: readonly Application[]): Promise<Service> {
    const service = new Service(hosts);
    Service.#all.add(service);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  /** For `afterEach`. */
  static stopAll(): void {
    Service.#all.forEach(service => service.#stop());
    Service.#all.clear();
  }

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #rotation: readonly Application[];

  private constructor(hosts: readonly Application[]) {
    this.#rotation = hosts;
    this.#server = createServer({ allowHalfOpen: true }, client => this.#join(client));
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Sends new connections to other endpoints. */
  withdraw(host: Application): void {
    this.#rotation = this.#rotation.filter(other => other !== host);
  }

  #join(client: Socket): void {
    const [next, ...others] = this.#rotation;
    this.#rotation = [...others, next!];
    const host = connect({ port: next!.port, host: '127.0.0.1', allowHalfOpen: true });
    client.pipe(host).pipe(client);
    for (const [socket, peer] of [
      [client, host],
      [host, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => peer.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    }
  }

  #stop(): void {
    this.#server.close();
    this.#sockets.forEach(socket => socket.destroy());
  }
}
