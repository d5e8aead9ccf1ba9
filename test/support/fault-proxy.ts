import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from './eventually.js';
import { freePort } from './free-port.mjs';
import { NetworkFaults } from './network-faults.js';
import { ProxiedConnection } from './proxied-connection.js';

export interface FaultOptions {
  /** How many bytes get through of what gets lost. By default none. */
  readonly bytes?: number;
  /** Only a request with this text in it, as the name of a command; others pass. */
  readonly containing?: string;
}

/** Milliseconds for the port to be free again: somebody may be trying which ones are. */
const PORT_DEADLINE = 5_000;

/**
 * What stands between a client and a Redis server, and can fail as networks do. Where a fault cuts
 * a connection, both sides see it closed.
 */
export class FaultProxy {
  static readonly #proxies = new Set<FaultProxy>();

  static async start(target: { host: string; port: number }): Promise<FaultProxy> {
    // Not a port that the system may give to somebody else while nothing is accepted.
    const proxy = new FaultProxy(target, await freePort());
    FaultProxy.#proxies.add(proxy);
    await proxy.accept();
    return proxy;
  }

  /** Ends whatever a test has left running. For `afterEach` or `afterAll`. */
  static async stopAll(): Promise<void> {
    await Promise.all([...FaultProxy.#proxies].map(proxy => proxy.stop()));
  }

  /** Connections ever accepted. */
  accepted = 0;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #faults = new NetworkFaults();
  #listener: Server | undefined;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    readonly port: number,
  ) {}

  get host(): string {
    return '127.0.0.1';
  }

  get url(): string {
    return `redis://${this.host}:${this.port}`;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many answers of the server have come here and gone no further so far. */
  get lostReplies(): number {
    return this.#faults.lostReplies;
  }

  /** How many connections `loseNextReply` and `cutMidRequest` have cut so far. */
  get struck(): number {
    return this.#faults.struck;
  }

  /** How many of these still wait for a request. */
  get armed(): number {
    return this.#faults.armed;
  }

  /** Requests reach the server; its answers get lost, until `heal()`. */
  dropReplies(): void {
    this.#faults.dropsReplies = true;
  }

  /**
   * The next request (whatever a client sends at one go) reaches the server, and the connection is
   * cut when the server has answered all that it was asked on it: the answer gets lost.
   */
  loseNextReply({ bytes = 0, containing = '' }: FaultOptions = {}): void {
    this.#faults.arm({ loses: 'reply', bytes, containing });
  }

  /**
   * Of what a client sends next, this many bytes reach the server. When it has carried out what is
   * complete in these, the connection is cut.
   */
  cutMidRequest(bytes: number, { containing = '' }: Omit<FaultOptions, 'bytes'> = {}): void {
    this.#faults.arm({ loses: 'request', bytes, containing });
  }

  /** Cuts the connections that are open. New ones are welcome. */
  cutAll(): void {
    this.#connections.forEach(connection => connection.destroy());
  }

  /** New connections are refused. Those that are open stay. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** New connections are accepted again. */
  async accept(): Promise<void> {
    await eventually(
      () => this.#listen(),
      PORT_DEADLINE,
      () => `Port ${this.port} is in use.`,
    );
  }

  /** Connections stay open, and new ones are accepted, but nothing gets through until `heal()`. */
  stall(): void {
    this.#faults.isStalled = true;
    this.#proceed();
  }

  /** Everything takes so many milliseconds each way, so that an answer takes twice as many. */
  latency(milliseconds: number): void {
    this.#faults.latency = milliseconds;
    this.#proceed();
  }

  /**
   * Everything is back to normal: what was held up arrives, what was armed is forgotten, new
   * connections are accepted. A connection on which something got lost is cut, as the client would
   * take the next answer for the lost one.
   */
  async heal(): Promise<void> {
    this.#faults.clear();
    this.#connections.forEach(connection => connection.heal());
    this.#proceed();
    await this.accept();
  }

  async stop(): Promise<void> {
    FaultProxy.#proxies.delete(this);
    const listener = this.#listener;
    const closed = listener && once(listener, 'close');
    this.refuse();
    this.cutAll();
    await closed;
  }

  #proceed(): void {
    this.#connections.forEach(connection => connection.proceed());
  }

  async #listen(): Promise<boolean> {
    if (this.#listener) {
      return true;
    }
    // A side that has said all that it has to say may still be told something.
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    listener.on('connection', client => this.#connect(client));
    try {
      listener.listen(this.port, this.host);
      await once(listener, 'listening');
    } catch {
      return false;
    }
    this.#listener = listener;
    return true;
  }

  #connect(client: Socket): void {
    this.accepted++;
    const server = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    const connection = new ProxiedConnection(client, server, this.#faults);
    this.#connections.add(connection);
    connection.onClosed = () => this.#connections.delete(connection);
  }
}
