import { StateOutageError } from '../../model/errors/state-outage.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { StateClient } from '../client/state-client.js';

/** Milliseconds before the first repetition. The pause doubles each time. */
const FIRST_PAUSE = 250;

const LONGEST_PAUSE = 10_000;

/** A call that the backend must answer. Its effect must be the same however often it is made. An error that is not
 * a {@link StateOutageError} is an answer.
 *
 * @internal
 */
export interface LastingCall {
  /** What the call is about, such as the key of a lock. */
  readonly group: string;
  readonly call: () => Promise<unknown>;
  /** Milliseconds for which it is repeated. */
  readonly duration: number;
  /** Whether it counts as unanswered before its first attempt has failed. */
  readonly isOverdue?: boolean;
}

interface Pending extends LastingCall {
  readonly until: number;
  pause: number;
  timer: NodeJS.Timeout | undefined;
  /** The attempt under way. */
  attempt: Promise<void> | undefined;
}

/**
 * Repeats calls that the backend has not answered: as soon as it is available again, and with growing pauses until then.
 * A lock whose task ended during an outage is released in this way when the outage ends.
 *
 * The pauses keep no process alive.
 *
 * @internal
 */
export class UnansweredCalls {
  readonly #pending = new Set<Pending>();
  #stopObserving: (() => void) | undefined;
  #isClosed = false;

  constructor(private readonly client: StateClient) {}

  /** Makes a call. Resolves when the first attempt has ended, and does not reject. */
  async run(call: LastingCall): Promise<void> {
    const until = monotonicNow() + call.duration;
    const pending: Pending = {
      ...call,
      until,
      pause: FIRST_PAUSE,
      timer: undefined,
      attempt: undefined,
    };
    if (call.isOverdue) {
      this.#add(pending);
    }
    await this.#attempt(pending);
  }

  /** Whether a call of the group is unanswered. */
  has(group: string): boolean {
    return this.#of(group).length > 0;
  }

  /**
   * Repeats the unanswered calls of a group now.
   *
   * @returns whether all of them were answered
   */
  async repeat(group: string): Promise<boolean> {
    const calls = this.#of(group);
    await Promise.all(calls.map(pending => this.#repeat(pending)));
    return !calls.some(pending => this.#pending.has(pending));
  }

  /** Repeats nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#stopObserving?.();
    this.#pending.forEach(({ timer }) => clearTimeout(timer));
    this.#pending.clear();
  }

  #of(group: string): Pending[] {
    return [...this.#pending].filter(pending => pending.group === group);
  }

  #add(pending: Pending): void {
    if (this.#isClosed) {
      return;
    }
    this.#pending.add(pending);
    this.#stopObserving ??= this.client.observe({
      onAvailable: () =>
        this.#pending.forEach(each => {
          each.pause = FIRST_PAUSE;
          void this.#repeat(each);
        }),
    });
  }

  async #repeat(pending: Pending): Promise<void> {
    if (monotonicNow() < pending.until) {
      await this.#attempt(pending);
    } else {
      this.#drop(pending);
    }
  }

  #drop(pending: Pending): void {
    clearTimeout(pending.timer);
    this.#pending.delete(pending);
  }

  /** Joins the attempt that is under way, if there is one. */
  #attempt(pending: Pending): Promise<void> {
    if (!pending.attempt) {
      clearTimeout(pending.timer);
      pending.attempt = this.#try(pending).finally(() => (pending.attempt = undefined));
    }
    return pending.attempt;
  }

  async #try(pending: Pending): Promise<void> {
    try {
      await pending.call();
      this.#drop(pending);
    } catch (error) {
      const isAnswered = !(error instanceof StateOutageError);
      if (isAnswered || this.#isClosed || monotonicNow() >= pending.until) {
        this.#drop(pending);
      } else {
        this.#add(pending);
        this.#repeatLater(pending);
      }
    }
  }

  #repeatLater(pending: Pending): void {
    pending.timer = setTimeout(() => {
      // While the backend is unavailable, a call would only wait for it.
      if (this.client.executor.unavailableSince === undefined) {
        void this.#repeat(pending);
      } else if (monotonicNow() < pending.until) {
        this.#repeatLater(pending);
      } else {
        this.#drop(pending);
      }
    }, pending.pause).unref();
    pending.pause = Math.min(2 * pending.pause, LONGEST_PAUSE);
  }
}
