import {
  Adapter,
  type BroadcastOptions,
  ClusterAdapterWithHeartbeat,
  type ClusterMessage,
  type ClusterResponse,
  MessageType,
} from 'socket.io-adapter';
import type { IoLink, LinkedAdapter } from './io-link.js';

/** The options of the adapters of a server. @internal */
export interface AdapterOptions {
  /** Milliseconds to wait for the answers of other workers. */
  readonly requestsTimeout: number;
}

/** The namespace of an adapter, as the adapters of Socket.IO receive it. @internal */
export interface AdapterNamespace {
  readonly name: string;
  readonly sockets: ReadonlyMap<string, { packet(packet: object): void }>;
}

type FetchOptions = Parameters<ClusterAdapterWithHeartbeat['fetchSockets']>[0];

/** A request that waits for the answers of other adapters, in a private field of the base class. */
interface WaitingRequest {
  readonly resolve: (error: Error | null, responses: unknown[]) => void;
  timeout: NodeJS.Timeout;
  readonly missingUids: ReadonlySet<string>;
  readonly responses: unknown[];
}

/**
 * The adapter of one namespace: reaches the sockets of all workers.
 *
 * @internal
 */
export class ClusterSocketAdapter extends ClusterAdapterWithHeartbeat implements LinkedAdapter {
  readonly namespace: string;
  readonly #remove: () => void;
  #isClosed = false;

  constructor(
    nsp: AdapterNamespace,
    private readonly link: IoLink,
    private readonly options: AdapterOptions,
  ) {
    super(nsp, {});
    this.namespace = nsp.name;
    // The id of the base class does not lead to this worker.
    Object.defineProperty(this, 'uid', { value: link.newId() });
    this.#remove = link.add(this);
  }

  get id(): string {
    return this.uid;
  }

  override init(): void {
    void this.#announce();
  }

  override close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      super.close();
      this.#remove();
    }
  }

  onNode(id: string): void {
    this.onMessage({ type: MessageType.HEARTBEAT, uid: id, nsp: this.namespace });
  }

  onGone(isGone: (id: string) => boolean): void {
    for (const uid of [...this.#nodes.keys()].filter(isGone)) {
      this.onMessage({ type: MessageType.ADAPTER_CLOSE, uid, nsp: this.namespace });
    }
  }

  override fetchSockets(
    options: FetchOptions,
  ): ReturnType<ClusterAdapterWithHeartbeat['fetchSockets']> {
    const flags = { timeout: this.options.requestsTimeout, ...options.flags };
    return super.fetchSockets({ ...options, flags });
  }

  override async serverSideEmit(packet: unknown[]): Promise<void> {
    const before = this.#requests.size;
    const emitted = super.serverSideEmit(packet);
    if (this.#requests.size > before) {
      this.#limitLastRequest();
    }
    await emitted;
  }

  /**
   * Sends a packet to the clients of this worker at once, so that `disconnect()` after it does not come first. As in a
   * single process, the caller of `emit()` gets the error of a packet that cannot be encoded: a rejection would end the
   * worker, because Socket.IO does not handle it.
   */
  override broadcast(packet: object, options: BroadcastOptions): Promise<void> {
    // First, because listeners of outgoing packets may change this one.
    this.#tell(MessageType.BROADCAST, options, { packet });
    Adapter.prototype.broadcast.call(this, packet, options);
    return Promise.resolve();
  }

  /** Adds the sockets of this worker at once, as in a single process: the next event must find them in the room. */
  override async addSockets(options: BroadcastOptions, rooms: string[]): Promise<void> {
    this.#tell(MessageType.SOCKETS_JOIN, options, { rooms });
    Adapter.prototype.addSockets.call(this, options, rooms);
  }

  override async delSockets(options: BroadcastOptions, rooms: string[]): Promise<void> {
    this.#tell(MessageType.SOCKETS_LEAVE, options, { rooms });
    Adapter.prototype.delSockets.call(this, options, rooms);
  }

  override async disconnectSockets(options: BroadcastOptions, close: boolean): Promise<void> {
    this.#tell(MessageType.DISCONNECT_SOCKETS, options, { close });
    Adapter.prototype.disconnectSockets.call(this, options, close);
  }

  /** Does not wait until the message is accepted: failures are logged, and local clients get theirs at once. */
  protected override async doPublish(message: ClusterMessage): Promise<string> {
    this.link.publish(message);
    return '';
  }

  protected override async doPublishResponse(
    requester: string,
    response: ClusterResponse,
  ): Promise<void> {
    this.link.respond(requester, response);
  }

  /** Publishes a message for the sockets of the other workers, unless they are left out. */
  #tell(
    type: MessageType,
    { rooms, except = new Set(), flags }: BroadcastOptions,
    what: object,
  ): void {
    if (!flags?.local) {
      const opts = { rooms: [...rooms], except: [...except], flags };
      this.publish({ type, data: { ...what, opts } } as ClusterMessage);
    }
  }

  /** Announces itself when the worker takes part. Only then, the others wait for its answers. */
  async #announce(): Promise<void> {
    await this.link.active;
    if (!this.#isClosed) {
      super.init();
    }
  }

  /** Replaces the timeout of the base class, which has no option for it. */
  #limitLastRequest(): void {
    const [id, request] = [...this.#requests].at(-1) ?? [];
    if (id === undefined || !request) {
      return;
    }
    clearTimeout(request.timeout);
    request.timeout = setTimeout(() => {
      if (this.#requests.delete(id)) {
        const { missingUids, responses } = request;
        request.resolve(
          new Error(`timeout reached: missing ${missingUids.size} responses`),
          responses,
        );
      }
    }, this.options.requestsTimeout);
  }

  get #requests(): Map<string, WaitingRequest> {
    return (this as unknown as { customRequests: Map<string, WaitingRequest> }).customRequests;
  }

  /** The other adapters, by id. */
  get #nodes(): ReadonlyMap<string, unknown> {
    return (this as unknown as { nodesMap: ReadonlyMap<string, unknown> }).nodesMap;
  }
}
