import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A load balancer without sticky sessions: each connection reaches the next host. */
export class AlternatingBalancer {
  static async start(ports: readonly number[]): Promise<AlternatingBalancer> {
    const balancer = new AlternatingBalancer(ports);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #ports: readonly number[];
  #accepted = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer(client => this.#accept(client));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends no more connections to a host. */
  remove(port: number): void {
    this.#ports = this.#ports.filter(each => each !== port);
  }

  close(): void {
    this.#server.close();
    this.#sockets.forEach(socket => socket.destroy());
  }

  #accept(client: Socket): void {
    const host = connect(this.#ports[this.#accepted++ % this.#ports.length]!, '127.0.0.1');
    for (const [socket, other] of [
      [client, host],
      [host, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.setNoDelay(true).pipe(other);
    }
  }
}
