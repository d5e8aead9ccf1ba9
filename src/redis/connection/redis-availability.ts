import { afterReading } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { probe, type ProbeTerms, UnusableRedisError } from './probe.js';
import { redactMessage } from './redact-error.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** How long a server that is connected may take to answer a probe. */
const GREETING_MILLISECONDS = 2_000;

/** Between attempts at a server that does not work, or with a client that gave up. */
const RETRY_MILLISECONDS = 250;

/** Between attempts at one that must not be used until somebody has done something about it. */
const UNUSABLE_RETRY_MILLISECONDS = 5_000;

/** @internal */
export interface AvailabilityObserver {
  /** Each time that it works; `isBack` if it was told that it did not. */
  onAvailable?(isBack: boolean): void;
  /** Once for each time that it does not, also if it never did. */
  onUnavailable?(why: string, unusable?: UnusableRedisError): void;
}

/**
 * Whether a client has a server that works: one that is merely connected may be asleep, or a replica.
 *
 * @internal
 */
export class RedisAvailability {
  readonly #observers = new Set<AvailabilityObserver>();
  #serverOffset = 0;
  #since: number | undefined = monotonicNow();
  #isTold = false;
  #why = 'it does not answer';
  #unusable: UnusableRedisError | undefined;
  #probing: object | undefined;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(
    private readonly client: RedisNode,
    /** Whether the connection may be cut and made anew. */
    private readonly isOurs: boolean,
    private readonly terms: ProbeTerms,
  ) {
    client.on('ready', this.#onReady);
    client.on('close', this.#onClose);
    client.on('end', this.#onEnd);
    client.on('error', this.#onError);
    if (client.status === 'ready') {
      this.#probe();
    } else if (client.status === 'wait') {
      this.#connect();
    }
  }

  /** Since when it does not work; `undefined` while it does. */
  get unavailableSince(): number | undefined {
    return this.#since;
  }

  /** What is to be remedied before it can be used, by its last answer. */
  get unusable(): UnusableRedisError | undefined {
    return this.#unusable;
  }

  /** Whether it was told that it does not work. */
  get isLost(): boolean {
    return this.#isTold;
  }

  /** Resolves when it works, or with why it does not, as soon as that is known; after so many milliseconds anyway. */
  async settled(milliseconds: number): Promise<UnusableRedisError | undefined> {
    if (this.#since === undefined || this.#isTold || this.#closed) {
      return this.#unusable;
    }
    let settle!: () => void;
    const known = new Promise<void>(resolve => (settle = resolve));
    const stop = this.observe({ onAvailable: settle, onUnavailable: settle });
    await within(milliseconds, known, () => {});
    stop();
    return this.#unusable;
  }

  /** What is to be added to our time, to get the least that the server's may be; of several, the earliest. */
  get serverOffset(): number {
    return this.#serverOffset;
  }

  /** Until the answer is called. */
  observe(observer: AvailabilityObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** It did not answer something, or said that it is not the one to ask: until it greets, it is away. */
  suspect(why: string): void {
    if (this.#closed || this.#since !== undefined) {
      return;
    }
    this.#why = why;
    this.#lose();
    if (this.client.status === 'ready') {
      this.#renew();
    }
  }

  close(): void {
    this.#closed = true;
    this.#probing = undefined;
    this.#observers.clear();
    this.#cancel();
    this.client.off('ready', this.#onReady);
    this.client.off('close', this.#onClose);
    this.client.off('end', this.#onEnd);
    if (!this.isOurs) {
      // Of ours it stays: without one, ioredis prints the errors that come with the end.
      this.client.off('error', this.#onError);
    }
  }

  readonly #onReady = (): void => this.#probe();

  readonly #onClose = (): void => this.#lose();

  /** A client that has given up: the backend may be away for longer than it would try. */
  readonly #onEnd = (): void => {
    this.#lose();
    if (this.isOurs && !this.#closed) {
      this.#after(RETRY_MILLISECONDS, () => this.#connect());
    }
  };

  readonly #onError = (error: Error): void => {
    this.#unusable = undefined;
    this.#why = redactMessage(error.message) || (error as NodeJS.ErrnoException).code || this.#why;
  };

  #connect(): void {
    // Why it could not be reached comes as an event.
    this.client.connect().catch(() => {});
  }

  #probe(): void {
    const attempt = {};
    this.#probing = attempt;
    this.#after(GREETING_MILLISECONDS, () => this.#renew());
    void this.#awaitAnswer(attempt);
  }

  async #awaitAnswer(attempt: object): Promise<void> {
    try {
      const time = await probe(this.client, this.terms);
      if (this.#probing === attempt) {
        this.#cancel();
        this.#probing = undefined;
        this.#since = undefined;
        this.#unusable = undefined;
        this.#serverOffset = time - monotonicNow();
        const isBack = this.#isTold;
        this.#isTold = false;
        this.#observers.forEach(observer => observer.onAvailable?.(isBack));
      }
    } catch (error) {
      if (this.#probing === attempt) {
        this.#why = redactMessage((error as Error).message);
        this.#unusable = error instanceof UnusableRedisError ? error : undefined;
        this.#tell();
        const delay = this.#unusable ? UNUSABLE_RETRY_MILLISECONDS : RETRY_MILLISECONDS;
        this.#after(delay, () => this.#renew());
      }
    }
  }

  /** With another connection, where that is ours to decide. */
  #renew(): void {
    if (this.client.status !== 'ready') {
      return;
    }
    if (this.isOurs && !isCluster(this.client)) {
      this.client.disconnect(true);
    } else {
      this.#probe();
    }
  }

  #lose(): void {
    this.#probing = undefined;
    this.#cancel();
    this.#since ??= monotonicNow();
    this.#tell();
  }

  #tell(): void {
    if (!this.#isTold && !this.#closed) {
      this.#isTold = true;
      this.#observers.forEach(observer => observer.onUnavailable?.(this.#why, this.#unusable));
    }
  }

  #after(milliseconds: number, task: () => void): void {
    this.#cancel();
    this.#cancel = afterReading(milliseconds, task);
  }
}
