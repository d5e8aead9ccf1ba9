import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { eventually } from './eventually.js';
import { freePort } from './free-port.mjs';
import { NetworkFaults } from './network-faults.js';
import { ProxiedConnection } from './proxied-connection.js';

export interface FaultOptions {
  /** The number of bytes of the lost message that are still delivered. 0 by default. */
  readonly bytes?: number;
  /** Only a request that contains this text, such as the name of a command. Others pass. */
  readonly containing?: string;
}

/** Milliseconds to wait until the port is free again: another process may be trying ports. */
const PORT_DEADLINE = 5_000;

/**
 * A proxy between a client and a Redis server that injects network faults. If a fault cuts a connection, both sides
 * see it closed.
 */
export class FaultProxy {
  static readonly #proxies = new Set<FaultProxy>();

  static async start(target: { host: string; port: number }): Promise<FaultProxy> {
    // Not an ephemeral port, which the system may give to another process while the proxy does not listen.
    const proxy = new FaultProxy(target, await freePort());
    FaultProxy.#proxies.add(proxy);
    await proxy.accept();
    return proxy;
  }

  /** Ends all proxies that a test has left running. For `afterEach` or `afterAll`. */
  static async stopAll(): Promise<void> {
    await Promise.all([...FaultProxy.#proxies].map(proxy => proxy.stop()));
  }

  /** The number of connections that were accepted in total. */
  accepted = 0;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #faults = new NetworkFaults();
  #ignored = 0;
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

  /** The number of open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The number of answers of the server that were lost so far. */
  get lostReplies(): number {
    return this.#faults.lostReplies;
  }

  /** The number of connections that `loseNextReply` and `cutMidRequest` have cut so far. */
  get struck(): number {
    return this.#faults.struck;
  }

  /** The number of these faults that still wait for a request. */
  get armed(): number {
    return this.#faults.armed;
  }

  /** Requests reach the server, and its answers are lost, until `heal()`. */
  dropReplies(): void {
    this.#faults.dropsReplies = true;
  }

  /**
   * The next request (all that a client sends at once) reaches the server. The connection is cut when the server has
   * answered everything on it, so the answer is lost.
   */
  loseNextReply({ bytes = 0, containing = '' }: FaultOptions = {}): void {
    this.#faults.arm({ loses: 'reply', bytes, containing });
  }

  /**
   * Only this many bytes of the next request reach the server. When the server has carried out the complete commands
   * among them, the connection is cut.
   */
  cutMidRequest(bytes: number, { containing = '' }: Omit<FaultOptions, 'bytes'> = {}): void {
    this.#faults.arm({ loses: 'request', bytes, containing });
  }

  /** Cuts the open connections. New ones are accepted. */
  cutAll(): void {
    this.#connections.forEach(connection => connection.destroy());
  }

  /** Refuses new connections. Open connections stay. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Accepts new connections again. */
  async accept(): Promise<void> {
    await eventually(
      () => this.#listen(),
      PORT_DEADLINE,
      () => `Port ${this.port} is in use.`,
    );
  }

  /** The next connection is accepted and never gets an answer. Later ones work. */
  ignoreNext(): void {
    this.#ignored++;
  }

  /** Connections stay open and new ones are accepted, but no data is delivered until `heal()`. */
  stall(): void {
    this.#faults.isStalled = true;
    this.#proceed();
  }

  /** Delays all data by this many milliseconds in each direction, so an answer takes twice as long. */
  latency(milliseconds: number): void {
    this.#faults.latency = milliseconds;
    this.#proceed();
  }

  /**
   * Ends all faults: delayed data is delivered, armed faults are removed, and new connections are accepted.
   * Connections that have lost data are cut, because the client would take the next answer for the lost one.
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
    // A half-closed connection can still receive data.
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
    const connection = new ProxiedConnection(client, server, this.#takeFaults());
    this.#connections.add(connection);
    connection.onClosed = () => this.#connections.delete(connection);
  }

  #takeFaults(): NetworkFaults {
    if (this.#ignored === 0) {
      return this.#faults;
    }
    this.#ignored--;
    const silence = new NetworkFaults();
    silence.isStalled = true;
    return silence;
  }
}
