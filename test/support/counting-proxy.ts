import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const REQUEST = /^(?:GET|POST|DELETE) \S+ HTTP\/1\.1\r\n/;
/** Names a request. A browser may send it twice, on another connection. */
const NUMBER = /^x-request: (\d+)\r\n/im;

/** What became of the requests that passed a proxy. */
export interface Outcomes {
  readonly answered: number;
  /** Without a complete answer, or answered with 5xx. */
  readonly failed: number;
}

/**
 * A proxy before an HTTP server that counts what became of each request. It passes bytes on and changes nothing, so
 * both sides see what they would see without it.
 */
export class CountingProxy {
  static async start(target: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(Number(new URL(target).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The attempts of each numbered request. */
  readonly #requests = new Map<string, Exchange[]>();

  private constructor(private readonly target: number) {
    this.#server = createServer({ allowHalfOpen: true }, client => this.#accept(client));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * The outcomes of the requests that have a number. One that is in flight is neither. One that was sent again is
   * answered if an attempt was.
   */
  get outcomes(): Outcomes {
    const all = [...this.#requests.values()];
    return {
      answered: all.filter(attempts => attempts.some(({ isAnswered }) => isAnswered)).length,
      failed: all.filter(attempts => attempts.every(({ isLost }) => isLost)).length,
    };
  }

  async stop(): Promise<void> {
    this.#sockets.forEach(socket => socket.destroy());
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Connects to the server when the client has sent its first request: one that the server refuses is counted, too. */
  #accept(client: Socket): void {
    this.#track(client);
    let server: Socket | undefined;
    let current: Exchange | undefined;
    client.on('data', chunk => {
      const text = chunk.toString('latin1');
      if (REQUEST.test(text)) {
        current?.end();
        current = this.#begin(text);
      }
      server ??= this.#connect(client, answer => current?.receive(answer));
      server.write(chunk);
    });
    client.on('end', () => server?.end());
    client.on('close', () => {
      current?.end();
      server?.destroySoon();
    });
  }

  /** Streams and assets have no number, and are not counted. */
  #begin(request: string): Exchange | undefined {
    const [, number] = NUMBER.exec(request) ?? [];
    if (number === undefined) {
      return undefined;
    }
    const exchange = new Exchange();
    this.#requests.set(number, [...(this.#requests.get(number) ?? []), exchange]);
    return exchange;
  }

  #connect(client: Socket, onText: (text: string) => void): Socket {
    const server = connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true });
    this.#track(server);
    server.on('data', chunk => {
      onText(chunk.toString('latin1'));
      client.write(chunk);
    });
    server.on('end', () => client.end());
    server.on('close', () => client.destroySoon());
    return server;
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    // A reset is followed by `close`.
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** An attempt of a request, and what has come of its response. */
class Exchange {
  #response = '';
  #isOver = false;

  get isAnswered(): boolean {
    const [head = '', body] = this.#response.split('\r\n\r\n');
    const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? [];
    const [, length] = /^content-length: (\d+)/im.exec(head) ?? [];
    return Number(status) < 500 && body?.length === Number(length);
  }

  get isLost(): boolean {
    return this.#isOver && !this.isAnswered;
  }

  receive(text: string): void {
    this.#response += text;
  }

  end(): void {
    this.#isOver = true;
  }
}
