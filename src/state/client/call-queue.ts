import { clearImmediate, setImmediate } from '../../system/time/immediates.js';
import { DeadlineTimer, RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { takeBatch } from './batching.js';
import type { Call } from './call.js';
import { Lane, CHECKS_WITHOUT_PAUSE, type ExpiryCheck, unavailable } from './lane.js';
import { stateMessages } from '../state.messages.js';
import type { StateExecutor } from '../state-executor.interface.js';

/**
 * The number of waiting calls from which a second batch is sent. With fewer, waiting is better, because calls
 * coalesce.
 */
const MANY = 100;

/** Milliseconds without an outcome after which the backend is the reason why a call has expired. */
const SILENCE = 500;

/** Limits of one slice of rejecting expired calls: the number of calls, and milliseconds. */
const TOLD_AT_ONCE = 256;
const SLICE_MILLISECONDS = 5;

/** Number of calls that can be checked per millisecond beside other work. */
const CHECKED_PER_MILLISECOND = 2_000;

/**
 * The calls on one partition of a backend: the calls that wait for the next batch, and the lanes with the batches
 * under way.
 *
 * @internal
 */
export class CallQueue {
  #calls: Call[] = [];
  readonly #lanes: readonly Lane[];
  readonly #deadline = new DeadlineTimer(
    wasBlocked => this.#onDeadline(wasBlocked),
    until => this.#onExtended(until),
  );
  #later: NodeJS.Immediate | undefined;
  /** Sends returned calls again in the next turn of the event loop. Nothing is sent before that. */
  #again: NodeJS.Immediate | undefined;
  /** The check of all calls for expired ones, which runs in slices; `undefined` if none is under way. */
  #expiry: { readonly calls: Generator<void>; readonly check: ExpiryCheck } | undefined;
  #slice: NodeJS.Immediate | undefined;
  /** Whether another check is needed, because a call expired or was returned during the current one. */
  #expiresAgain = false;

  constructor(
    partition: number,
    private readonly executor: StateExecutor,
    newName: () => string,
    /**
     * With two lanes, one batch is built or read while the backend works on the other, and it may overtake the other
     * if that is retried. With one lane, batches are applied in their order.
     */
    lanes: 1 | 2,
  ) {
    const observer = {
      onFree: () => this.#onFree(),
      onReturned: (calls: readonly Call[]) => this.#onReturned(calls),
    };
    this.#lanes = Array.from(
      { length: lanes },
      () => new Lane(partition, executor, newName, observer),
    );
  }

  add(call: Call): void {
    this.#calls.push(call);
    if (call.deadline < this.#deadline.deadline) {
      this.#deadline.set(call.deadline);
    } else {
      this.#deadline.ref();
    }
    this.#send();
  }

  /** Called when the backend is available again. */
  resume(): void {
    this.#lanes.forEach(lane => lane.resume());
    this.#send();
  }

  /** Rejects all calls. */
  close(): void {
    const waiting = this.#calls;
    this.#calls = [];
    waiting.forEach(call => call.fail(unavailable(call.operation, stateMessages.closed())));
    this.#lanes.forEach(lane => lane.close(stateMessages.closed()));
    this.#deadline.clear();
    clearImmediate(this.#later);
    clearImmediate(this.#again);
    clearImmediate(this.#slice);
  }

  #onFree(): void {
    this.#send();
    if (this.#calls.length === 0 && this.#lanes.every(({ isFree }) => isFree)) {
      this.#deadline.unref();
    }
  }

  /**
   * Sends returned calls again in the next turn of the event loop, so that a backend which returns batches at once
   * does not cause an endless loop, and expired calls are rejected in between.
   */
  #onReturned(calls: readonly Call[]): void {
    this.#calls = calls.concat(this.#calls);
    // The check under way may have passed the place of these calls.
    this.#expiresAgain ||= this.#expiry !== undefined;
    this.#again ??= setImmediate(() => {
      this.#again = undefined;
      this.#send();
    });
  }

  #send(): void {
    if (this.#again) {
      return;
    }
    const free = this.#lanes.filter(({ isFree }) => isFree);
    if (free.length === this.#lanes.length) {
      this.#sendOn(free[0]!);
    } else if (free.length > 0 && this.#calls.length >= MANY) {
      // The backend is busy, so wait for further calls in this turn of the event loop.
      this.#later ??= setImmediate(() => {
        this.#later = undefined;
        const lane = this.#lanes.find(({ isFree }) => isFree);
        if (lane && !this.#again) {
          this.#sendOn(lane);
        }
      });
    }
  }

  #sendOn(lane: Lane): void {
    if (this.#calls.length > 0 && this.executor.unavailableSince === undefined) {
      const entries = takeBatch(this.#calls, monotonicNow());
      // No entries: the first call has expired. It is rejected or extended in this turn, and then the queue continues.
      if (entries.length > 0) {
        lane.send(entries);
      }
    }
  }

  /**
   * Extends the deadlines after the event loop was blocked, because missing answers are not the fault of the backend,
   * and sends the waiting calls.
   */
  #onExtended(until: number): void {
    this.#calls.forEach(call => call.extend(until));
    this.#lanes.forEach(lane => lane.extend(until));
    this.resume();
  }

  /**
   * One timer serves all calls, set to the earliest deadline. A call that settles does not change it, because that
   * would be slow; instead, this method checks for expired calls when the timer fires. It keeps the process alive
   * while there are calls.
   */
  #onDeadline(wasBlocked = false): void {
    if (wasBlocked) {
      // Calls that were added after the timer was set have not been extended yet.
      this.#onExtended(monotonicNow() + RECOVERY_MILLISECONDS);
    }
    if (this.#expiry) {
      this.#expiresAgain = true;
      return;
    }
    const check: ExpiryCheck = { next: Infinity, count: 0 };
    this.#expiry = { calls: this.#expire(monotonicNow(), check), check };
    this.#runExpiry();
  }

  *#expire(now: number, check: ExpiryCheck): Generator<void> {
    const { why, cause } = this.#lanes.map(lane => lane.trouble).find(Boolean) ?? {};
    const isAnswering =
      this.executor.unavailableSince === undefined &&
      this.#lanes.some(({ answeredAt }) => now - answeredAt < SILENCE);
    const silence = isAnswering ? stateMessages.unanswered() : stateMessages.unreachable();
    const reason = why ?? this.executor.whyUnusable ?? silence;
    // A copy, because calls are added and removed meanwhile.
    for (const call of this.#calls.slice()) {
      if (++check.count % CHECKS_WITHOUT_PAUSE === 0) {
        yield;
      }
      if (call.deadline > now) {
        check.next = Math.min(check.next, call.deadline);
      } else if (!call.settled) {
        call.fail(
          call.isDeferred && isAnswering
            ? unavailable(call.operation, stateMessages.deferred())
            : unavailable(call.operation, reason, cause),
        );
        yield;
      }
    }
    for (const lane of this.#lanes) {
      yield* lane.expire(now, check);
    }
  }

  /** Rejects expired calls in slices, because errors and the reactions of their callers are expensive. */
  #runExpiry(): void {
    const { calls, check } = this.#expiry!;
    if (!runSlice(calls)) {
      this.#slice = setImmediate(() => this.#runExpiry());
      return;
    }
    this.#expiry = undefined;
    this.#calls = this.#calls.filter(({ settled }) => !settled);
    if (this.#expiresAgain) {
      this.#expiresAgain = false;
      this.#onDeadline();
      return;
    }
    if (check.next < this.#deadline.deadline) {
      // With very many calls, the check is expensive, so it does not run every millisecond.
      const pause = check.count / CHECKED_PER_MILLISECOND;
      this.#deadline.set(Math.max(check.next, monotonicNow() + pause));
    }
    this.#onFree();
  }
}

/** Runs one slice of a check. @returns whether it was the last one */
function runSlice(calls: Generator<void>): boolean {
  const until = monotonicNow() + SLICE_MILLISECONDS;
  const { stackTraceLimit } = Error;
  // The stack of these errors is useless, and most of their cost.
  Error.stackTraceLimit = 0;
  try {
    for (let steps = 0; steps < TOLD_AT_ONCE && monotonicNow() < until; steps++) {
      if (calls.next().done) {
        return true;
      }
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return false;
}
