import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { type Entry, operationOf, settle } from './batching.js';
import type { Call } from './call.js';
import { locate, type CallerPlace } from './coalescing.js';
import { isRead, methodOf, type Operation } from '../operation.js';
import { formatOperationId } from './operation-id.js';
import { stateMessages } from '../state.messages.js';
import {
  type Batch,
  type BatchResult,
  type Failure,
  isDeferred,
  isUnreadable,
  type Outcome,
  type StateExecutor,
} from '../state-executor.interface.js';

/** Delay between attempts when the backend answers with an error. */
const RETRY_MILLISECONDS = 25;

/**
 * If all attempts so far were refused, no attempt starts within this time before the last deadline: a lost answer
 * would make the result ambiguous.
 */
const LAST_ATTEMPT_MILLISECONDS = 100;

/** A batch under way. */
interface Flight {
  readonly batch: Batch;
  /** The operations of the batch, each with its calls. */
  readonly entries: readonly Entry[];
  /** Number of calls that are not settled. */
  openCalls: number;
  /** Whether an attempt is under way. */
  isAttempting: boolean;
  /** Whether an attempt that has ended may have been applied. */
  mayBeApplied: boolean;
  /** Whether it may be applied in part, without a record in the backend. */
  isUnrecorded: boolean;
  /** Whether a call was rejected with an ambiguous result. */
  isAmbiguous: boolean;
  /** Why it has not been applied yet. */
  why: string;
  cause: Error | undefined;
  /** The places of the callers in a combined operation; computed when the first of them is rejected. */
  readonly callers: Map<Entry, (callIndex: number) => CallerPlace>;
}

/** What a check for expired calls has found so far. @internal */
export interface ExpiryCheck {
  /** The earliest deadline of the remaining calls. */
  next: number;
  /** Number of calls that were checked. */
  count: number;
}

/** Number of calls that are checked for their deadline before the event loop may turn. @internal */
export const CHECKS_WITHOUT_PAUSE = 256;

/** Receives the events of a lane. @internal */
export interface LaneObserver {
  /** The lane is free for the next batch. */
  onFree(): void;
  /** These calls were not applied, and go into another batch. */
  onReturned(calls: readonly Call[]): void;
}

/**
 * A lane to the backend: a numbered sequence of batches, with one batch under way at a time. A batch is sent again
 * with the same number until its outcome is known or all its calls have expired. The backend remembers the last batch
 * of each lane, so a repeated batch is applied once. This is the design of RIFL:
 * https://web.stanford.edu/~ouster/cgi-bin/papers/rifl.pdf
 *
 * @internal
 */
export class Lane {
  #flight: Flight | undefined;
  #name: string;
  #sequence = 0;
  #answeredAt = -Infinity;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly partition: number,
    private readonly executor: StateExecutor,
    /** Returns a name that no lane has used before. */
    private readonly newName: () => string,
    private readonly observer: LaneObserver,
  ) {
    this.#name = newName();
  }

  get isFree(): boolean {
    return this.#flight === undefined;
  }

  /** Why the batch under way has not been applied yet; `undefined` if there is none. */
  get trouble(): { readonly why: string; readonly cause: Error | undefined } | undefined {
    return this.#flight;
  }

  /** {@link monotonicNow} when the outcome of the last batch arrived. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** Sends the operations as the next batch. The lane must be free. */
  send(entries: readonly Entry[]): void {
    let deadline = Infinity;
    let replicas = 0;
    let openCalls = 0;
    for (const { calls } of entries) {
      openCalls += calls.length;
      for (const call of calls) {
        deadline = Math.min(deadline, call.deadline);
        replicas = Math.max(replicas, call.replicas);
      }
    }
    this.#flight = {
      batch: {
        partition: this.partition,
        lane: this.#name,
        sequence: ++this.#sequence,
        deadline,
        replicas,
        operations: entries.map(({ operation }) => operation),
      },
      entries,
      openCalls,
      isAttempting: false,
      mayBeApplied: false,
      isUnrecorded: false,
      isAmbiguous: false,
      why: stateMessages.unanswered(),
      cause: undefined,
      callers: new Map(),
    };
    void this.#attempt(this.#flight);
  }

  /** Called when the backend is available again, or when deadlines were extended. */
  resume(): void {
    if (this.#flight) {
      this.#attemptAgain(this.#flight);
    }
  }

  /** Extends the deadlines of all calls. */
  extend(deadline: number): void {
    this.#flight?.entries.forEach(({ calls }) => calls.forEach(call => call.extend(deadline)));
  }

  /** Rejects calls whose deadline has passed at `now`. Yields wherever the event loop may turn. */
  *expire(now: number, check: ExpiryCheck): Generator<void> {
    const flight = this.#flight;
    if (!flight) {
      return;
    }
    for (const [index, { calls }] of flight.entries.entries()) {
      for (const [callIndex, call] of calls.entries()) {
        if (++check.count % CHECKS_WITHOUT_PAUSE === 0) {
          yield;
        }
        // The batch was returned meanwhile, so it was not applied: the queue rejects its calls.
        if (this.#flight !== flight) {
          return;
        }
        if (call.settled) {
          continue;
        }
        if (call.deadline > now) {
          check.next = Math.min(check.next, call.deadline);
          continue;
        }
        this.#fail(flight, index, callIndex);
        if (flight.openCalls === 0) {
          this.#abandon(flight);
          return;
        }
        yield;
      }
    }
  }

  /** Rejects all calls. */
  close(why: string): void {
    if (this.#flight) {
      this.#reject(this.#flight, { why });
    }
  }

  async #attempt(flight: Flight): Promise<void> {
    clearTimeout(this.#retry);
    if (flight.isAttempting || this.executor.unavailableSince !== undefined) {
      return;
    }
    flight.isAttempting = true;
    const outcome = await this.#execute(flight.batch);
    flight.isAttempting = false;
    if (this.#flight === flight) {
      this.#conclude(flight, outcome);
    }
  }

  /** Turns errors and invalid outcomes of the executor into an unknown outcome, so that calls always settle. */
  async #execute(batch: Batch): Promise<Outcome> {
    try {
      const outcome = await this.executor.execute(batch);
      return outcome.type === 'applied' && outcome.results.length !== batch.operations.length
        ? { type: 'unknown', why: stateMessages.unintelligible() }
        : outcome;
    } catch (cause) {
      return { type: 'unknown', why: stateMessages.unintelligible(), cause: cause as Error };
    }
  }

  #conclude(flight: Flight, outcome: Outcome): void {
    if (outcome.type === 'applied' || outcome.type === 'void') {
      this.#answeredAt = monotonicNow();
    }
    switch (outcome.type) {
      case 'applied':
        flight.entries.forEach((_, index) => this.#settle(flight, index, outcome.results[index]!));
        this.#defer(flight.entries.filter((_, index) => isDeferred(outcome.results[index])));
        this.#land(flight);
        break;
      case 'void':
        // The batch expired with its earliest deadline. Other calls may have time for another batch.
        this.#return(flight.entries);
        this.#land(flight);
        break;
      case 'full':
        if (flight.mayBeApplied) {
          // An earlier attempt may have been applied. The server can check that when it has memory again.
          this.#tryLater(flight, outcome);
        } else {
          flight.entries.forEach(({ calls }) =>
            calls.forEach(call => call.fail(full(call.operation, outcome.why, outcome.cause))),
          );
          this.#land(flight);
        }
        break;
      case 'refused':
      case 'unknown':
        flight.mayBeApplied ||= outcome.type === 'unknown';
        if (outcome.isFinal) {
          flight.isUnrecorded = flight.mayBeApplied;
          this.#reject(flight, outcome);
        } else {
          this.#tryLater(flight, outcome);
        }
        break;
    }
  }

  #defer(entries: readonly Entry[]): void {
    entries.forEach(({ calls }) => calls.forEach(call => (call.isDeferred = true)));
    this.#return(entries);
  }

  #return(entries: readonly Entry[]): void {
    if (entries.length > 0) {
      this.observer.onReturned(
        entries.flatMap(({ calls }) => calls.filter(({ settled }) => !settled)),
      );
    }
  }

  /** Settles the calls of an entry with their shares of the result. */
  #settle(flight: Flight, index: number, result: BatchResult): void {
    if (isDeferred(result)) {
      return;
    }
    let cause: Error | undefined;
    try {
      if (!isUnreadable(result)) {
        settle(flight.entries[index]!, result);
        return;
      }
    } catch (error) {
      cause = error as Error;
    }
    flight.mayBeApplied = true;
    flight.why = isUnreadable(result) ? result.unreadable : stateMessages.unintelligible();
    flight.cause = cause;
    this.#giveUp(flight, index);
  }

  #tryLater(flight: Flight, { why, cause }: Failure): void {
    flight.why = why;
    flight.cause = cause;
    this.#retry = setTimeout(() => this.#attemptAgain(flight), RETRY_MILLISECONDS);
  }

  #attemptAgain(flight: Flight): void {
    const latest = flight.entries.reduce(
      (last, { calls }) => calls.reduce((later, { deadline }) => Math.max(later, deadline), last),
      0,
    );
    if (flight.mayBeApplied || latest - monotonicNow() > LAST_ATTEMPT_MILLISECONDS) {
      void this.#attempt(flight);
    }
  }

  /** Ends the flight: the outcome of the batch is known, or all its calls are settled. */
  #land(flight: Flight): void {
    clearTimeout(this.#retry);
    this.#flight = undefined;
    if (flight.isAmbiguous) {
      // `resolve()` may still ask for the last batch of this lane, so no further batch may replace it.
      this.#name = this.newName();
      this.#sequence = 0;
    }
    this.observer.onFree();
  }

  /** Ends the flight when all its calls have expired. */
  #abandon(flight: Flight): void {
    if (flight.isAttempting) {
      this.executor.suspect();
    }
    this.#land(flight);
  }

  /** Rejects all calls of the batch that are not settled. */
  #reject(flight: Flight, { why, cause }: Failure): void {
    flight.why = why;
    flight.cause = cause;
    flight.entries.forEach((_, index) => this.#giveUp(flight, index));
    this.#land(flight);
  }

  /** Rejects the calls of an entry that are not settled. */
  #giveUp(flight: Flight, index: number): void {
    flight.entries[index]!.calls.forEach((call, callIndex) => {
      if (!call.settled) {
        this.#fail(flight, index, callIndex);
      }
    });
  }

  /**
   * Rejects a call.
   *
   * @param index the place of its entry in the batch
   * @param callIndex the place of the call in the entry
   */
  #fail(flight: Flight, index: number, callIndex: number): void {
    const { operation, calls } = flight.entries[index]!;
    const { why, cause } = flight;
    const call = calls[callIndex]!;
    flight.openCalls--;
    if ((flight.mayBeApplied || flight.isAttempting) && !isRead(operation)) {
      flight.isAmbiguous = true;
      call.fail(this.#ambiguous(flight, index, callIndex));
    } else {
      call.fail(unavailable(call.operation, why, cause));
    }
  }

  #ambiguous(flight: Flight, index: number, callIndex: number): AmbiguousResultError {
    const { partition, lane, sequence } = flight.batch;
    const entry = flight.entries[index]!;
    const { name, key } = entry.operation;
    let callerAt = flight.callers.get(entry);
    if (!callerAt) {
      callerAt = locate(entry.calls.map(operationOf));
      flight.callers.set(entry, callerAt);
    }
    const caller = callerAt(callIndex);
    // What has no record counts as forgotten, as what is too old for one.
    const at = flight.isUnrecorded ? 0 : this.executor.time(partition);
    const id = formatOperationId({ name, partition, lane, sequence, index, caller, at });
    return new AmbiguousResultError(methodOf(name), key, id, flight.why, { cause: flight.cause });
  }
}

/** @internal */
export function unavailable(
  { name, key }: Operation,
  why: string,
  cause?: Error,
): StateUnavailableError {
  return new StateUnavailableError(methodOf(name), key, why, { cause });
}

function full({ name, key }: Operation, why: string, cause?: Error): StateFullError {
  return new StateFullError(methodOf(name), key, why, { cause });
}
