import { AmbiguousResultError } from '../errors/ambiguous-result.error.js';
import { StateUnavailableError } from '../errors/state-unavailable.error.js';
import { monotonicNow } from '../process/monotonic-now.js';
import { type Entry, settle, takeBatch } from './batching.js';
import type { Call } from './call.js';
import { isRead, methodOf } from './operation.js';
import { formatOperationId } from './operation-id.js';
import { stateMessages } from './state.messages.js';
import type { Batch, Outcome, StateExecutor } from './state-executor.interface.js';

/** Between attempts at a backend that answers but does not work. */
const RETRY_MILLISECONDS = 25;

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

/**
 * The calls on one partition of a backend: one batch of them is under way, the others wait for the
 * next. A batch is tried again, as the same one, until its fate is known or nobody waits for it any
 * more.
 *
 * @internal
 */
export class Lane {
  #queue: Call[] = [];
  #flight: Flight | undefined;
  #name: string;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDeadline = Infinity;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly partition: number,
    private readonly executor: StateExecutor,
    /** A name that no lane had before. */
    private readonly newName: () => string,
  ) {
    this.#name = newName();
  }

  add(call: Call): void {
    this.#queue.push(call);
    if (!this.#timer || call.deadline < this.#timerDeadline) {
      this.#wakeAt(call.deadline);
    }
    this.#send();
  }

  /** The backend is back. */
  resume(): void {
    if (this.#flight) {
      void this.#attempt(this.#flight);
    } else {
      this.#send();
    }
  }

  /** Settles every call now. */
  close(): void {
    this.#expire(Infinity, stateMessages.closed());
    clearTimeout(this.#timer);
  }

  #send(): void {
    if (this.#flight || this.#queue.length === 0 || this.executor.unavailableSince !== undefined) {
      return;
    }
    const entries = takeBatch(this.#queue);
    const calls = entries.flatMap(entry => entry.calls);
    this.#flight = {
      batch: {
        partition: this.partition,
        lane: this.#name,
        sequence: ++this.#sequence,
        deadline: calls.reduce((earliest, { deadline }) => Math.min(earliest, deadline), Infinity),
        replicas: calls.reduce((most, { replicas }) => Math.max(most, replicas), 0),
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
        this.#queue.unshift(
          ...flight.entries.flatMap(({ calls }) => calls.filter(({ settled }) => !settled)),
        );
        this.#land(flight);
        break;
      case 'refused':
      case 'unknown':
        flight.uncertain ||= outcome.type === 'unknown';
        flight.why = outcome.why;
        flight.cause = outcome.cause;
        this.#retry = setTimeout(() => void this.#attempt(flight), RETRY_MILLISECONDS);
        break;
    }
  }

  /** The fate of a batch is known, or of no interest any more: the next one. */
  #land(flight: Flight): void {
    clearTimeout(this.#retry);
    this.#flight = undefined;
    if (flight.isOpenQuestion) {
      // What the backend remembers of this lane can still be asked for: nothing may take its place.
      this.#name = this.newName();
      this.#sequence = 0;
    }
    this.#send();
  }

  /**
   * One timer for all, for the earliest deadline. It is not touched when a call settles, which is what
   * calls mostly do, but finds out when it fires; and it keeps no process alive.
   */
  #watchDeadlines(): void {
    const waiting = [...this.#queue, ...callsOf(this.#flight)].filter(({ settled }) => !settled);
    if (waiting.length > 0) {
      this.#wakeAt(waiting.reduce((least, { deadline }) => Math.min(least, deadline), Infinity));
    }
  }

  #wakeAt(deadline: number): void {
    clearTimeout(this.#timer);
    this.#timerDeadline = deadline;
    const milliseconds = Math.max(1, Math.ceil(deadline - monotonicNow()));
    this.#timer = setTimeout(this.#onDeadline, milliseconds).unref();
  }

  readonly #onDeadline = (): void => {
    this.#timer = undefined;
    this.#expire(monotonicNow());
    this.#watchDeadlines();
  };

  #expire(now: number, why?: string): void {
    const flight = this.#flight;
    const expired = this.#queue.filter(({ deadline }) => deadline <= now);
    this.#queue = this.#queue.filter(({ deadline }) => deadline > now);
    expired.forEach(call => giveUp(call, unavailable(call, why ?? flight?.why, flight?.cause)));
    if (flight) {
      flight.entries.forEach((_, index) => this.#expireEntry(flight, index, now, why));
      if (callsOf(flight).every(({ settled }) => settled)) {
        if (flight.attempting) {
          this.executor.suspect();
        }
        this.#land(flight);
      }
    }
  }

  #expireEntry(flight: Flight, index: number, now: number, why = flight.why): void {
    const { operation, calls, offsets } = flight.entries[index]!;
    const isAmbiguous = (flight.uncertain || flight.attempting) && !isRead(operation);
    calls.forEach((call, place) => {
      if (call.settled || call.deadline > now) {
        return;
      }
      if (isAmbiguous) {
        const { partition, lane, sequence } = flight.batch;
        const { name } = operation;
        const offset = offsets[place]!;
        const at = Date.now();
        const id = formatOperationId({ name, partition, lane, sequence, index, offset, at });
        flight.isOpenQuestion = true;
        giveUp(
          call,
          new AmbiguousResultError(methodOf(name), operation.key, id, why, { cause: flight.cause }),
        );
      } else {
        giveUp(call, unavailable(call, why, flight.cause));
      }
    });
  }
}

function callsOf(flight: Flight | undefined): readonly Call[] {
  return flight?.entries.flatMap(({ calls }) => calls) ?? [];
}

function giveUp(call: Call, error: Error): void {
  if (!call.settled) {
    call.settled = true;
    call.reject(error);
  }
}

function unavailable(
  { operation: { name, key } }: Call,
  why = stateMessages.unreachable(),
  cause?: Error,
): StateUnavailableError {
  return new StateUnavailableError(methodOf(name), key, why, { cause });
}
