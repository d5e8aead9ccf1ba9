import { afterReading } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { probe, type ProbeTerms, UnusableRedisError } from './probe.js';
import { isReplyError } from './is-reply-error.js';
import { refusalScope } from './refusal-scope.js';
import { redactMessage } from './redact-error.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** Milliseconds that a connected server has to answer a probe. */
const PROBE_MILLISECONDS = 2_000;

/** Milliseconds after which a client that has not connected yet is reported. */
const CONNECT_MILLISECONDS = 5_000;

/** Delay between attempts when a server does not work, or when the client has given up. */
const RETRY_MILLISECONDS = 250;

/** Delay between attempts when a server must not be used until an operator fixes it. */
const UNUSABLE_RETRY_MILLISECONDS = 5_000;

/** Why a server is unavailable, until there is a better reason. */
const SILENT = 'it does not answer';

/** Why a server is unavailable whose first connection takes long, for example because the server loads its data. */
const NOT_READY = 'the connection is not ready';

const ENDED = 'the client of the application has ended, and does not reconnect';

/** Why a client of the application cannot be used, by its status. */
const UNUSABLE_CLIENTS: Readonly<Record<string, string>> = {
  end: ENDED,
  monitoring: 'the client of the application is in monitor mode, and cannot send commands',
};

/** In one outage, observers are notified of at most this many reasons. */
const MAX_REASONS = 4;

/** @internal */
export interface AvailabilityObserver {
  /** Called when the server becomes available. `isBack` is true after `onUnavailable`. */
  onAvailable?(isBack: boolean): void;
  /** Called when the server becomes unavailable, or is unavailable from the start. */
  onUnavailable?(why: string, unusable?: UnusableRedisError): void;
  /** Called when a client of the application has given up after it had become unavailable. */
  onEnded?(why: string): void;
  /** Called once for each reason that a server gives later in the same outage, such as a wrong password. */
  onExplained?(why: string, unusable?: UnusableRedisError): void;
}

/**
 * Tracks whether the server works. A connection is not enough: the server may hang, or be a replica.
 *
 * @internal
 */
export class RedisAvailability {
  readonly #observers = new Set<AvailabilityObserver>();
  #serverOffset = 0;
  #since: number | undefined = monotonicNow();
  #isTold = false;
  #why = SILENT;
  /** Whether the server has given the reason, not the network. */
  #isReply = false;
  /** The reasons that observers were told in this outage. */
  readonly #reasons = new Set<string>();
  #unusable: UnusableRedisError | undefined;
  #probing: object | undefined;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(
    private readonly client: RedisNode,
    /** Whether the connection may be cut and replaced. */
    private readonly isOurs: boolean,
    private readonly terms: ProbeTerms,
  ) {
    client.on('ready', this.#onReady);
    client.on('close', this.#onClose);
    client.on('end', this.#onEnd);
    client.on('error', this.#onError);
    if (client.status === 'ready') {
      this.#probe();
    } else {
      this.#awaitReady();
    }
  }

  /** When the server became unavailable, in monotonic milliseconds; `undefined` while it is available. */
  get unavailableSince(): number | undefined {
    return this.#since;
  }

  /** Why the server must not be used until an operator fixes it, by the last probe. */
  get unusable(): UnusableRedisError | undefined {
    return this.#unusable;
  }

  /** Whether observers were notified that the server is unavailable. */
  get isLost(): boolean {
    return this.#isTold;
  }

  /**
   * Resolves when it is known whether the server is available, after at most `milliseconds`.
   *
   * @returns why it must not be used
   */
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

  /**
   * The difference from local monotonic time to a lower bound of the server's time; the lowest one of several
   * servers.
   */
  get serverOffset(): number {
    return this.#serverOffset;
  }

  /** Adds an observer. @returns a function that removes it */
  observe(observer: AvailabilityObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Called when an answer is overdue or the server is not the master any more: it is unavailable until a probe
   * succeeds.
   */
  suspect(why: string): void {
    if (this.#closed || this.#since !== undefined) {
      return;
    }
    this.#why = why;
    this.#isReply = false;
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
      // Kept for own clients: without a listener, ioredis prints errors while the client ends.
      this.client.off('error', this.#onError);
    }
  }

  readonly #onReady = (): void => this.#probe();

  readonly #onClose = (): void => {
    if (this.#why === SILENT) {
      this.#why = this.#whyUnusableClient() ?? SILENT;
    }
    this.#lose();
  };

  /**
   * Reconnects a client that has given up, because the server may be unavailable for longer than the client retries.
   */
  readonly #onEnd = (): void => {
    this.#lose();
    if (!this.isOurs) {
      this.#tellEnded();
    } else if (!this.#closed) {
      this.#after(RETRY_MILLISECONDS, () => this.#connect());
    }
  };

  readonly #onError = (error: Error): void => {
    this.#blame(error);
  };

  #awaitReady(): void {
    const why = this.#whyUnusableClient();
    this.#after(why === undefined ? CONNECT_MILLISECONDS : 0, () => {
      this.#why = why ?? NOT_READY;
      this.#tell();
    });
    if (this.client.status === 'wait') {
      this.#connect();
    }
  }

  #whyUnusableClient(): string | undefined {
    return this.isOurs ? undefined : UNUSABLE_CLIENTS[this.client.status];
  }

  #connect(): void {
    // The error is also emitted as an event.
    this.client.connect().catch(() => {});
  }

  #probe(): void {
    const attempt = {};
    this.#probing = attempt;
    this.#after(PROBE_MILLISECONDS, () => this.#onSilent());
    void this.#awaitAnswer(attempt);
  }

  #onSilent(): void {
    this.#tell();
    if (isCluster(this.client)) {
      // Other nodes may be its masters now.
      this.client.refreshSlotsCache(() => {});
    }
    this.#why = SILENT;
    this.#isReply = false;
    this.#renew();
  }

  async #awaitAnswer(attempt: object): Promise<void> {
    try {
      const time = await probe(this.client, this.terms, error => this.#refuse(error));
      if (this.#probing === attempt) {
        this.#cancel();
        this.#probing = undefined;
        this.#since = undefined;
        this.#unusable = undefined;
        this.#why = SILENT;
        this.#isReply = false;
        this.#reasons.clear();
        this.#serverOffset = time - monotonicNow();
        const isBack = this.#isTold;
        this.#isTold = false;
        this.#observers.forEach(observer => observer.onAvailable?.(isBack));
      }
    } catch (error) {
      if (this.#probing === attempt) {
        this.#blame(error as Error);
        this.#tell();
        const delay = this.#unusable ? UNUSABLE_RETRY_MILLISECONDS : RETRY_MILLISECONDS;
        this.#after(delay, () => this.#renew());
      }
    }
  }

  /** Stops the use of a cluster whose schema version became known late. */
  #refuse(error: UnusableRedisError): void {
    if (!this.#closed && this.client.status === 'ready') {
      this.#blame(error);
      this.#lose();
      this.#after(UNUSABLE_RETRY_MILLISECONDS, () => this.#renew());
    }
  }

  /**
   * Probes again, over a new connection if this package owns it. A server that only needs time keeps its connection, unless
   * Sentinels may name another one.
   */
  #renew(): void {
    if (this.client.status !== 'ready') {
      return;
    }
    const needsTime = refusalScope(this.#why) === 'pause' && !this.client.options.sentinels;
    if (this.isOurs && !isCluster(this.client) && !needsTime) {
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

  #blame(error: Error): void {
    const reply = replyIn(error);
    const { message, code } = (reply ?? error) as NodeJS.ErrnoException;
    this.#why = redactMessage(message) || code || this.#why;
    this.#isReply = reply !== undefined;
    this.#unusable = error instanceof UnusableRedisError ? error : undefined;
  }

  #tell(): void {
    if (this.#closed) {
      return;
    }
    const [why, unusable] = [this.#why, this.#unusable];
    if (!this.#isTold) {
      this.#isTold = true;
      this.#reasons.add(why);
      this.#observers.forEach(observer => observer.onUnavailable?.(why, unusable));
    } else if (this.#isReply && !this.#reasons.has(why) && this.#reasons.size < MAX_REASONS) {
      this.#reasons.add(why);
      this.#observers.forEach(observer => observer.onExplained?.(why, unusable));
    }
  }

  #tellEnded(): void {
    if (!this.#reasons.has(ENDED)) {
      this.#reasons.add(ENDED);
      this.#observers.forEach(observer => observer.onEnded?.(ENDED));
    }
  }

  #after(milliseconds: number, task: () => void): void {
    this.#cancel();
    this.#cancel = afterReading(milliseconds, task);
  }
}

/** Returns the reply with which a server has explained a failure; of a cluster, that of the last node. */
function replyIn(error: Error): Error | undefined {
  const { lastNodeError = error } = error as { readonly lastNodeError?: Error };
  const isReply = isReplyError(lastNodeError) || error instanceof UnusableRedisError;
  return isReply ? lastNodeError : undefined;
}
