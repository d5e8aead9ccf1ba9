import { monotonicNow } from '../../process/monotonic-now.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** How long a server that is connected may take to say what time it is. */
const GREETING_MILLISECONDS = 2_000;

/** Between attempts to reach a server that is connected and does not answer, or a client that gave up. */
const RETRY_MILLISECONDS = 250;

/** @internal */
export interface AvailabilityObserver {
  /** Each time it can be reached again, with the time of its server; of several, the earliest. */
  onAvailable(serverTime: number): void;
  /** Each time it can no longer be reached. */
  onUnavailable(why: string): void;
}

/**
 * Whether a client has a server that answers: one that is merely connected may be asleep.
 *
 * @internal
 */
export class RedisAvailability {
  #since: number | undefined = monotonicNow();
  #lastError = 'it does not answer';
  #greeting: object | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly client: RedisNode,
    /** Whether the connection may be cut and made anew. */
    private readonly isOurs: boolean,
    private readonly observer: AvailabilityObserver,
  ) {
    client.on('ready', this.#onReady);
    client.on('close', this.#onClose);
    client.on('end', this.#onEnd);
    client.on('error', this.#onError);
    if (client.status === 'ready') {
      this.#onReady();
    } else if (client.status === 'wait') {
      this.#connect();
    }
  }

  /** Since when it cannot be reached; `undefined` while it can. */
  get unavailableSince(): number | undefined {
    return this.#since;
  }

  /** It did not answer something, or said that it is no longer the one to ask. */
  suspect(why: string): void {
    if (this.#closed || this.#since !== undefined) {
      return;
    }
    this.#lastError = why;
    // The connection to one of the nodes of a cluster tells nothing of the others.
    if (isCluster(this.client)) {
      return;
    }
    this.#lose();
    if (this.isOurs) {
      this.client.disconnect(true);
    } else {
      this.#greet();
    }
  }

  close(): void {
    this.#closed = true;
    this.#greeting = undefined;
    clearTimeout(this.#timer);
    this.client.off('ready', this.#onReady);
    this.client.off('close', this.#onClose);
    this.client.off('end', this.#onEnd);
    // The listener for errors stays: without one, ioredis prints those that come with the end.
  }

  readonly #onReady = (): void => this.#greet();

  readonly #onClose = (): void => this.#lose();

  /** Gives up where nobody else does: the backend may be away for longer than a client would try. */
  readonly #onEnd = (): void => {
    this.#lose();
    if (this.isOurs && !this.#closed) {
      this.#after(RETRY_MILLISECONDS, () => this.#connect());
    }
  };

  readonly #onError = (error: Error): void => {
    this.#lastError = error.message;
  };

  #connect(): void {
    // Why it could not be reached comes as an event.
    this.client.connect().catch(() => {});
  }

  #greet(): void {
    const greeting = {};
    this.#greeting = greeting;
    this.#after(GREETING_MILLISECONDS, () => this.#retry());
    void this.#awaitTime(greeting);
  }

  async #awaitTime(greeting: object): Promise<void> {
    try {
      const time = await timeOf(this.client);
      if (this.#greeting === greeting) {
        clearTimeout(this.#timer);
        this.#greeting = undefined;
        this.#since = undefined;
        this.observer.onAvailable(time);
      }
    } catch (error) {
      if (this.#greeting === greeting) {
        this.#lastError = (error as Error).message;
        this.#after(RETRY_MILLISECONDS, () => this.#retry());
      }
    }
  }

  #retry(): void {
    if (this.client.status !== 'ready') {
      return;
    }
    if (this.isOurs && !isCluster(this.client)) {
      this.client.disconnect(true);
    } else {
      this.#greet();
    }
  }

  #lose(): void {
    this.#greeting = undefined;
    clearTimeout(this.#timer);
    if (this.#since === undefined) {
      this.#since = monotonicNow();
      this.observer.onUnavailable(this.#lastError);
    }
  }

  #after(milliseconds: number, task: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(task, milliseconds);
  }
}

/** What time it is there, in milliseconds; where there are several servers, the earliest. */
async function timeOf(client: RedisNode): Promise<number> {
  const nodes = isCluster(client) ? client.nodes('master') : [client];
  const times = await Promise.allSettled(nodes.map(node => node.call('TIME')));
  const known = times.flatMap(time =>
    time.status === 'fulfilled' ? [inMilliseconds(time.value as [string, string])] : [],
  );
  if (known.length === 0) {
    throw (
      (times[0] as PromiseRejectedResult | undefined)?.reason ?? new Error('no server is known')
    );
  }
  return Math.min(...known);
}

function inMilliseconds([seconds, microseconds]: [string, string]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}
