import { AmbiguousResultError } from '../errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../errors/state-unavailable.error.js';
import { monotonicNow } from '../process/monotonic-now.js';
import { type Entry, operationOf, settle } from './batching.js';
import type { Call } from './call.js';
import { locate } from './coalescing.js';
import { isRead, methodOf, type Operation } from './operation.js';
import { formatOperationId } from './operation-id.js';
import { stateMessages } from './state.messages.js';
import type { Batch, Outcome, StateExecutor } from './state-executor.interface.js';

/** Between attempts at a backend that answers but does not work. */
const RETRY_MILLISECONDS = 25;

/**
 * No attempt is begun so shortly before its callers are told, when it is known so far that nothing was
 * carried out: they would be told that it may have been.
 */
const LAST_ATTEMPT_MILLISECONDS = 100;

/** A batch under way. */
interface Flight {
  readonly batch: Batch;
  readonly entries: readonly Entry[];
  /** An attempt is being made. */
  attempting: boolean;
  /** Some attempt may have been carried out. */
  uncertain: boolean;
  /** Some caller was told that it may have been carried out. */
  isOpenQuestion: boolean;
  why: string;
  cause: Error | undefined;
}

/** What a lane needs from the queue that it belongs to. @internal */
export interface LaneObserver {
  /** It is free for the next batch. */
  onFree(): void;
  /** These were not carried out, and have time left. */
  onReturned(calls: readonly Call[]): void;
}

/**
 * A way to the backend, on which one batch is under way at a time. It is tried again, as the same one,
 * until its fate is known or nobody waits for it any more.
 *
 * @internal
 */
export class Lane {
  #flight: Flight | undefined;
  #name: string;
  #sequence = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly partition: number,
    private readonly executor: StateExecutor,
    /** A name that no lane had before. */
    private readonly newName: () => string,
    private readonly observer: LaneObserver,
  ) {
    this.#name = newName();
  }

  get isFree(): boolean {
    return this.#flight === undefined;
  }

  /** The calls that wait for the batch under way. */
  get calls(): readonly Call[] {
    return this.#flight?.entries.flatMap(({ calls }) => calls) ?? [];
  }

  /** Why the batch under way has not been carried out yet. */
  get trouble(): { readonly why: string; readonly cause: Error | undefined } | undefined {
    return this.#flight;
  }

  send(entries: readonly Entry[]): void {
    let deadline = Infinity;
    let replicas = 0;
    for (const { calls } of entries) {
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
      attempting: false,
      uncertain: false,
      isOpenQuestion: false,
      why: stateMessages.unanswered(),
      cause: undefined,
    };
    void this.#attempt(this.#flight);
  }

  /** The backend is back. */
  resume(): void {
    if (this.#flight) {
      void this.#attempt(this.#flight);
    }
  }

  /** Tells those whose time is over; all of them if everything is `closed`, and why. */
  expire(now: number, closed?: string): void {
    const flight = this.#flight;
    if (!flight) {
      return;
    }
    flight.entries.forEach((_, index) => this.#expireEntry(flight, index, now, closed));
    if (this.calls.every(({ settled }) => settled)) {
      if (flight.attempting && closed === undefined) {
        this.executor.suspect();
      }
      this.#land(flight);
    }
  }

  async #attempt(flight: Flight): Promise<void> {
    clearTimeout(this.#retry);
    if (flight.attempting || this.executor.unavailableSince !== undefined) {
      return;
    }
    flight.attempting = true;
    const outcome = await this.executor.execute(flight.batch);
    flight.attempting = false;
    if (this.#flight === flight) {
      this.#conclude(flight, outcome);
    }
  }

  #conclude(flight: Flight, outcome: Outcome): void {
    switch (outcome.type) {
      case 'applied':
        flight.entries.forEach((entry, index) => settle(entry, outcome.results[index]!));
        this.#land(flight);
        break;
      case 'void':
        // Some of its calls may have more time than the one that was the first to run out of it.
        this.observer.onReturned(this.calls.filter(({ settled }) => !settled));
        this.#land(flight);
        break;
      case 'refused':
      case 'unknown':
        flight.uncertain ||= outcome.type === 'unknown';
        flight.why = outcome.why;
        flight.cause = outcome.cause;
        this.#retry = setTimeout(() => this.#attemptAgain(flight), RETRY_MILLISECONDS);
        break;
    }
  }

  #attemptAgain(flight: Flight): void {
    const latest = this.calls.reduce((last, { deadline }) => Math.max(last, deadline), 0);
    if (flight.uncertain || latest - monotonicNow() > LAST_ATTEMPT_MILLISECONDS) {
      void this.#attempt(flight);
    }
  }

  /** The fate of a batch is known, or of no interest any more. */
  #land(flight: Flight): void {
    clearTimeout(this.#retry);
    this.#flight = undefined;
    if (flight.isOpenQuestion) {
      // What the backend remembers of this lane can still be asked for: nothing may take its place.
      this.#name = this.newName();
      this.#sequence = 0;
    }
    this.observer.onFree();
  }

  #expireEntry(flight: Flight, index: number, now: number, why = flight.why): void {
    const { operation, calls } = flight.entries[index]!;
    const isAmbiguous = (flight.uncertain || flight.attempting) && !isRead(operation);
    calls.forEach((call, place) => {
      if (call.settled || call.deadline > now) {
        return;
      }
      if (isAmbiguous) {
        flight.isOpenQuestion = true;
        call.fail(ambiguous(flight, index, place, why));
      } else {
        call.fail(unavailable(call.operation, why, flight.cause));
      }
    });
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

function ambiguous(
  flight: Flight,
  index: number,
  place: number,
  why: string,
): AmbiguousResultError {
  const { partition, lane, sequence } = flight.batch;
  const { operation, calls } = flight.entries[index]!;
  const { name, key } = operation;
  const offset = locate(calls.map(operationOf), place);
  const at = Date.now();
  const id = formatOperationId({ name, partition, lane, sequence, index, offset, at });
  return new AmbiguousResultError(methodOf(name), key, id, why, { cause: flight.cause });
}
