import { DeadlineTimer, RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { takeBatch } from './batching.js';
import type { Call } from './call.js';
import { Lane, LOOKS_WITHOUT_PAUSE, type Seen, unavailable } from './lane.js';
import { stateMessages } from '../state.messages.js';
import type { StateExecutor } from '../state-executor.interface.js';

/** A second batch gets under way only for those who are many, because what waits becomes fewer operations. */
const MANY = 100;

/** How many callers are told in one turn of the event loop that their time is over, and for how long at most. */
const TOLD_AT_ONCE = 256;
const SLICE_MILLISECONDS = 5;

/** So many calls can be looked through in a millisecond, while something else is to be done as well. */
const LOOKED_AT_PER_MILLISECOND = 2_000;

/**
 * The calls on one partition of a backend: those that wait for the next batch, and the lanes on which
 * batches are under way.
 *
 * @internal
 */
export class CallQueue {
  #calls: Call[] = [];
  readonly #lanes: readonly Lane[];
  readonly #deadline = new DeadlineTimer(
    wasBlocked => this.#onDeadline(wasBlocked),
    until => this.#onPutOff(until),
  );
  #later: NodeJS.Immediate | undefined;
  /** What was returned goes out again in the next turn of the event loop, and nothing before it. */
  #again: NodeJS.Immediate | undefined;
  /** Goes through all calls, in slices, and tells those whose time is over. */
  #expiry: { readonly calls: Generator<void>; readonly seen: Seen } | undefined;
  #slice: NodeJS.Immediate | undefined;
  /** The time of some call was over while the calls were being gone through. */
  #expiresAgain = false;

  constructor(
    partition: number,
    private readonly executor: StateExecutor,
    newName: () => string,
    /**
     * With two batches under way, one is made or read while the backend works on the other, and may
     * overtake it if that has to be tried again; with one, they are carried out in their order.
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

  /** The backend is back. */
  resume(): void {
    this.#lanes.forEach(lane => lane.resume());
    this.#send();
  }

  /** Settles every call now. */
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
   * A backend that returns a batch at once would otherwise be given it again at once, for ever: by then,
   * those whose time is over are told so.
   */
  #onReturned(calls: readonly Call[]): void {
    this.#calls = calls.concat(this.#calls);
    // Whoever goes through the calls just now may have passed the place where these are.
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
      // The backend is busy for now: all that this turn of the event loop still brings comes along.
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
      // Otherwise the time of the first is over: it is told so in this turn, or gets more, and then it goes on.
      if (entries.length > 0) {
        lane.send(entries);
      }
    }
  }

  /**
   * The event loop was blocked: what has waited to be sent is sent now. The backend is not to blame if
   * nothing has come from it.
   */
  #onPutOff(until: number): void {
    this.#calls.forEach(call => call.extend(until));
    this.#lanes.forEach(lane => lane.extend(until));
    this.resume();
  }

  /**
   * There is one timer for all, for the earliest deadline. It is not touched when a call settles, which is
   * what calls mostly do, but finds out when it fires; it keeps the process alive while there are calls.
   */
  #onDeadline(wasBlocked = false): void {
    if (wasBlocked) {
      // Those that came after the timer was set have not been put off with it.
      this.#onPutOff(monotonicNow() + RECOVERY_MILLISECONDS);
    }
    if (this.#expiry) {
      this.#expiresAgain = true;
      return;
    }
    const seen: Seen = { next: Infinity, count: 0 };
    this.#expiry = { calls: this.#expire(monotonicNow(), seen), seen };
    this.#goThrough();
  }

  *#expire(now: number, seen: Seen): Generator<void> {
    const { why, cause } = this.#lanes.map(lane => lane.trouble).find(Boolean) ?? {};
    const reason = why ?? this.executor.whyUnusable ?? stateMessages.unreachable();
    // Others come and go meanwhile.
    for (const call of this.#calls.slice()) {
      if (++seen.count % LOOKS_WITHOUT_PAUSE === 0) {
        yield;
      }
      if (call.deadline > now) {
        seen.next = Math.min(seen.next, call.deadline);
      } else if (!call.settled) {
        call.fail(unavailable(call.operation, reason, cause));
        yield;
      }
    }
    for (const lane of this.#lanes) {
      yield* lane.expire(now, seen);
    }
  }

  /** Errors are expensive, and their callers do something about them: only so many in a turn of the event loop. */
  #goThrough(): void {
    const { calls, seen } = this.#expiry!;
    if (!runSlice(calls)) {
      this.#slice = setImmediate(() => this.#goThrough());
      return;
    }
    this.#expiry = undefined;
    this.#calls = this.#calls.filter(({ settled }) => !settled);
    if (this.#expiresAgain) {
      this.#expiresAgain = false;
      this.#onDeadline();
      return;
    }
    if (seen.next < this.#deadline.deadline) {
      // Looking through very many takes its time: then it is not done for each millisecond.
      const pause = seen.count / LOOKED_AT_PER_MILLISECOND;
      this.#deadline.set(Math.max(seen.next, monotonicNow() + pause));
    }
    this.#onFree();
  }
}

/** @returns whether that was the last slice */
function runSlice(calls: Generator<void>): boolean {
  const until = monotonicNow() + SLICE_MILLISECONDS;
  const { stackTraceLimit } = Error;
  // Where an error is made here tells nobody anything, and is most of what it costs.
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
