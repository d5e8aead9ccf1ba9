import { AmbiguousResultError } from '../../model/errors/ambiguous-result.error.js';
import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { type Entry, operationOf, settle } from './batching.js';
import type { Call } from './call.js';
import { locate, type CallerPlace } from './coalescing.js';
import { isRead, methodOf, type Operation, type OperationResult } from '../operation.js';
import { formatOperationId } from './operation-id.js';
import { stateMessages } from '../state.messages.js';
import {
  type Batch,
  isUnreadable,
  type Outcome,
  type StateExecutor,
  type UnreadableResult,
} from '../state-executor.interface.js';

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
  /** How many of its callers have not been told. */
  open: number;
  /** An attempt is being made. */
  attempting: boolean;
  /** Some attempt may have been carried out. */
  uncertain: boolean;
  /** Some caller was told that it may have been carried out. */
  isOpenQuestion: boolean;
  why: string;
  cause: Error | undefined;
  /** The places of the callers of an entry, once one of them has had to be told. */
  readonly offsets: Map<Entry, (place: number) => CallerPlace>;
}

/** What has been seen of the calls whose time is not over. @internal */
export interface Seen {
  /** The earliest of their deadlines. */
  next: number;
  /** How many calls there were, with the others. */
  count: number;
}

/** So many calls that need nothing may be looked at without a pause. @internal */
export const LOOKS_WITHOUT_PAUSE = 256;

/** What a lane needs from the queue that it belongs to. @internal */
export interface LaneObserver {
  /** It is free for the next batch. */
  onFree(): void;
  /** These were not carried out, and go into another batch. */
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

  /** Why the batch under way has not been carried out yet. */
  get trouble(): { readonly why: string; readonly cause: Error | undefined } | undefined {
    return this.#flight;
  }

  send(entries: readonly Entry[]): void {
    let deadline = Infinity;
    let replicas = 0;
    let open = 0;
    for (const { calls } of entries) {
      open += calls.length;
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
      open,
      attempting: false,
      uncertain: false,
      isOpenQuestion: false,
      why: stateMessages.unanswered(),
      cause: undefined,
      offsets: new Map(),
    };
    void this.#attempt(this.#flight);
  }

  /** The backend is back, or there is more time. */
  resume(): void {
    if (this.#flight) {
      this.#attemptAgain(this.#flight);
    }
  }

  /** Gives all of its callers until then. */
  extend(deadline: number): void {
    this.#flight?.entries.forEach(({ calls }) => calls.forEach(call => call.extend(deadline)));
  }

  /** Tells those whose time is over by `now`. Pauses wherever the event loop may turn. */
  *expire(now: number, seen: Seen): Generator<void> {
    const flight = this.#flight;
    for (const [index, { calls }] of flight?.entries.entries() ?? []) {
      for (const [place, call] of calls.entries()) {
        if (++seen.count % LOOKS_WITHOUT_PAUSE === 0) {
          yield;
        }
        // What was returned meanwhile is known not to have been carried out: the queue tells those.
        if (this.#flight !== flight) {
          return;
        }
        if (call.settled) {
          continue;
        }
        if (call.deadline > now) {
          seen.next = Math.min(seen.next, call.deadline);
          continue;
        }
        this.#fail(flight!, index, place);
        if (flight!.open === 0) {
          this.#abandon(flight!);
          return;
        }
        yield;
      }
    }
  }

  /** Tells all of them that everything is closed. */
  close(why: string): void {
    const flight = this.#flight;
    if (flight) {
      flight.why = why;
      flight.entries.forEach((_, index) => this.#giveUp(flight, index));
      this.#land(flight);
    }
  }

  async #attempt(flight: Flight): Promise<void> {
    clearTimeout(this.#retry);
    if (flight.attempting || this.executor.unavailableSince !== undefined) {
      return;
    }
    flight.attempting = true;
    const outcome = await this.#execute(flight.batch);
    flight.attempting = false;
    if (this.#flight === flight) {
      this.#conclude(flight, outcome);
    }
  }

  /** Whatever is wrong with an executor, or with what it gives, callers are told something. */
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
    switch (outcome.type) {
      case 'applied':
        flight.entries.forEach((_, index) => this.#settle(flight, index, outcome.results[index]!));
        this.#land(flight);
        break;
      case 'void':
        // Some of its calls may have more time than the one that was the first to run out of it.
        this.observer.onReturned(
          flight.entries.flatMap(({ calls }) => calls.filter(({ settled }) => !settled)),
        );
        this.#land(flight);
        break;
      case 'full':
        if (flight.uncertain) {
          // An earlier attempt may have been carried out: the server looks that up when it has room.
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
        flight.uncertain ||= outcome.type === 'unknown';
        this.#tryLater(flight, outcome);
        break;
    }
  }

  #settle(flight: Flight, index: number, result: OperationResult | UnreadableResult): void {
    let cause: Error | undefined;
    try {
      if (!isUnreadable(result)) {
        settle(flight.entries[index]!, result);
        return;
      }
    } catch (error) {
      cause = error as Error;
    }
    flight.uncertain = true;
    flight.why = isUnreadable(result) ? result.unreadable : stateMessages.unintelligible();
    flight.cause = cause;
    this.#giveUp(flight, index);
  }

  #tryLater(
    flight: Flight,
    { why, cause }: { readonly why: string; readonly cause?: Error },
  ): void {
    flight.why = why;
    flight.cause = cause;
    this.#retry = setTimeout(() => this.#attemptAgain(flight), RETRY_MILLISECONDS);
  }

  #attemptAgain(flight: Flight): void {
    const latest = flight.entries.reduce(
      (last, { calls }) => calls.reduce((later, { deadline }) => Math.max(later, deadline), last),
      0,
    );
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

  /** Nobody waits for it any more. */
  #abandon(flight: Flight): void {
    if (flight.attempting) {
      this.executor.suspect();
    }
    this.#land(flight);
  }

  #giveUp(flight: Flight, index: number): void {
    flight.entries[index]!.calls.forEach((call, place) => {
      if (!call.settled) {
        this.#fail(flight, index, place);
      }
    });
  }

  #fail(flight: Flight, index: number, place: number): void {
    const { operation, calls } = flight.entries[index]!;
    const { why, cause } = flight;
    const call = calls[place]!;
    flight.open--;
    if ((flight.uncertain || flight.attempting) && !isRead(operation)) {
      flight.isOpenQuestion = true;
      call.fail(this.#ambiguous(flight, index, place));
    } else {
      call.fail(unavailable(call.operation, why, cause));
    }
  }

  #ambiguous(flight: Flight, index: number, place: number): AmbiguousResultError {
    const { partition, lane, sequence } = flight.batch;
    const entry = flight.entries[index]!;
    const { name, key } = entry.operation;
    let offsets = flight.offsets.get(entry);
    if (!offsets) {
      offsets = locate(entry.calls.map(operationOf));
      flight.offsets.set(entry, offsets);
    }
    const offset = offsets(place);
    const at = this.executor.time(partition);
    const id = formatOperationId({ name, partition, lane, sequence, index, offset, at });
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
