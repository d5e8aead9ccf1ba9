import { countMessages } from './count-messages.js';
import { MessagesInProgress } from './messages-in-progress.js';
import { flushResponses, stopReceiving } from './stop-receiving.js';
import { type HandOver, isTcpTransport, TcpConnections } from './tcp-connections.js';
import type { MessageTransport } from './transport.interface.js';

/**
 * The drain of one transport of a microservice: it receives no further messages, and those in progress are waited for.
 *
 * @internal
 */
export class MessageDrain {
  readonly #messages = new MessagesInProgress();
  readonly #tcp: TcpConnections | undefined;
  /** Steps that have not ended, and keep the drain waiting. */
  #steps = 0;
  #isFlushed = true;
  #onProgress: () => void = () => {};

  /** Observes a transport that does not listen yet. */
  constructor(private readonly transport: MessageTransport) {
    this.#tcp = isTcpTransport(transport)
      ? new TcpConnections(transport, this.#messages)
      : undefined;
    const tcp = this.#tcp;
    countMessages(transport, this.#messages, (socket, message) => !!tcp?.refuses(socket, message));
  }

  /** The number of things that the drain waits for. */
  get size(): number {
    return this.#messages.size + this.#steps + (this.#tcp?.size ?? 0) + (this.#isFlushed ? 0 : 1);
  }

  /** The number of messages in progress. */
  get messages(): number {
    return this.#messages.size;
  }

  /** The server of a TCP transport: its connections can be handed over. */
  get server(): TcpConnections['server'] | undefined {
    return this.#tcp?.server;
  }

  /**
   * Begins the drain: brokers deliver no further messages.
   *
   * @param onProgress called whenever `size` may have become 0
   */
  begin(onProgress: () => void): void {
    this.#onProgress = onProgress;
    this.#isFlushed = false;
    this.#messages.watch(source => {
      if (source) {
        this.#tcp?.onMessageEnded(source);
      }
      this.#progress();
    });
    this.#step(this.#tcp ? Promise.resolve() : stopReceiving(this.transport));
  }

  /** Accepts no further connections. */
  stopAccepting(): void {
    this.#tcp?.stopAccepting();
  }

  /**
   * Lets the connections leave when all those that were accepted have arrived.
   *
   * @param arrived resolves then, with a function that gives connections to another worker, if one can take them
   */
  leave(arrived: Promise<HandOver | undefined>): void {
    const tcp = this.#tcp;
    if (tcp) {
      this.#step(arrived.then(handOver => tcp.leave(handOver, () => this.#progress())));
    }
  }

  #step(step: Promise<unknown>): void {
    this.#steps++;
    const end = (): void => {
      this.#steps--;
      this.#progress();
    };
    // If a connection to the broker fails, nothing more is received either.
    void step.catch(() => {}).then(end);
  }

  #progress(): void {
    if (!this.#isFlushed && this.size === 1) {
      this.#isFlushed = true;
      this.#step(flushResponses(this.transport));
    }
    this.#onProgress();
  }
}
