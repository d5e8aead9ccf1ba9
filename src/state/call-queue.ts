import { monotonicNow } from '../process/monotonic-now.js';
import { takeBatch } from './batching.js';
import type { Call } from './call.js';
import { Lane, unavailable } from './lane.js';
import { stateMessages } from './state.messages.js';
import type { StateExecutor } from './state-executor.interface.js';

/** A second batch gets under way only for those who are many, because what waits becomes fewer operations. */
const MANY = 100;

/**
 * The calls on one partition of a backend: those that wait for the next batch, and the lanes on which
 * batches are under way.
 *
 * @internal
 */
export class CallQueue {
  #calls: Call[] = [];
  readonly #lanes: readonly Lane[];
  #timer: NodeJS.Timeout | undefined;
  #timerDeadline = Infinity;
  #later: NodeJS.Immediate | undefined;

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
      onReturned: (calls: readonly Call[]) => this.#calls.unshift(...calls),
    };
    this.#lanes = Array.from(
      { length: lanes },
      () => new Lane(partition, executor, newName, observer),
    );
  }

  add(call: Call): void {
    this.#calls.push(call);
    if (!this.#timer || call.deadline < this.#timerDeadline) {
      this.#wakeAt(call.deadline);
    } else {
      this.#timer.ref();
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
    this.#expire(Infinity, stateMessages.closed());
    clearTimeout(this.#timer);
    clearImmediate(this.#later);
  }

  #onFree(): void {
    this.#send();
    if (this.#calls.length === 0 && this.#lanes.every(({ isFree }) => isFree)) {
      this.#timer?.unref();
    }
  }

  #send(): void {
    const free = this.#lanes.filter(({ isFree }) => isFree);
    if (free.length === this.#lanes.length) {
      this.#sendOn(free[0]!);
    } else if (free.length > 0 && this.#calls.length >= MANY) {
      // The backend is busy for now: all that this turn of the event loop still brings comes along.
      this.#later ??= setImmediate(() => {
        this.#later = undefined;
        const lane = this.#lanes.find(({ isFree }) => isFree);
        if (lane) {
          this.#sendOn(lane);
        }
      });
    }
  }

  #sendOn(lane: Lane): void {
    if (this.#calls.length > 0 && this.executor.unavailableSince === undefined) {
      lane.send(takeBatch(this.#calls));
    }
  }

  /**
   * One timer for all, for the earliest deadline. It is not touched when a call settles, which is what
   * calls mostly do, but finds out when it fires; it keeps the process alive while there are calls.
   */
  #wakeAt(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = deadline;
    // After a pause of this process, answers that have come meanwhile are read before anybody is told
    // that there are none: timers come before sockets, and immediates after.
    this.#timer = setTimeout(
      () => setImmediate(this.#onDeadline),
      Math.max(1, Math.ceil(deadline - monotonicNow())),
    );
  }

  readonly #onDeadline = (): void => {
    this.#timer = undefined;
    this.#expire(monotonicNow());
    const waiting = this.#waiting.filter(({ settled }) => !settled);
    if (waiting.length > 0) {
      this.#wakeAt(waiting.reduce((least, { deadline }) => Math.min(least, deadline), Infinity));
    }
  };

  get #waiting(): Call[] {
    return [this.#calls, ...this.#lanes.map(lane => lane.calls)].flat();
  }

  #expire(now: number, closed?: string): void {
    const { why, cause } = this.#lanes.map(lane => lane.trouble).find(Boolean) ?? {};
    const expired = this.#calls.filter(({ deadline }) => deadline <= now);
    this.#calls = this.#calls.filter(({ deadline }) => deadline > now);
    expired.forEach(call =>
      call.fail(unavailable(call.operation, closed ?? why ?? stateMessages.unreachable(), cause)),
    );
    this.#lanes.forEach(lane => lane.expire(now, closed));
  }
}
