import { randomBytes } from 'node:crypto';
import { StateInputError } from '../../model/errors/state-input.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { asText, shown } from '../../system/text/shown.js';
import { Call, type Read } from './call.js';
import { CacheReads } from './cache-reads.js';
import { CallQueue } from './call-queue.js';
import { unavailable } from './lane.js';
import { isOrdered, isRead, type Operation, type OperationName } from '../operation.js';
import { parseOperationId } from './operation-id.js';
import { outcomeOf } from './operation-outcome.js';
import type { OperationOutcome } from './operation-outcome.interface.js';
import { stateMessages } from '../state.messages.js';
import { reported } from './reported.js';
import { stateCalls } from '../../model/events/activity-channels.js';
import type { Grant, StateExecutor } from '../state-executor.interface.js';

/** Options of a call. @internal */
export interface CallTerms {
  /** Timeout in milliseconds, instead of `state.timeout`. */
  readonly timeout?: number;
  readonly replicas?: number;
}

/** Receives notifications of a backend. @internal */
export interface StateObserver {
  /** The backend is available again. Notifications in the meantime were lost. */
  onAvailable?(): void;
  onGrant?(grant: Grant): void;
}

/**
 * The client of the shared state in one application: combines calls into batches for the backend, and settles each
 * call by its deadline.
 *
 * @internal
 */
export class StateClient {
  /** Unique over all clients in all processes. */
  readonly id = randomBytes(9).toString('base64url');
  readonly #queues = new Map<number, CallQueue>();
  readonly #replicatedQueues = new Map<number, CallQueue>();
  readonly #orderedQueues = new Map<number, CallQueue>();
  readonly #observers = new Set<StateObserver>();
  /** The reads of the caches of this application, by their names. */
  readonly cacheReads = new CacheReads();
  readonly #closing: (() => Promise<void>)[] = [];
  #lanesMade = 0;
  #isClosed = false;
  #closed: Promise<void> | undefined;

  constructor(
    readonly executor: StateExecutor,
    /** The default timeout of a call in milliseconds. */
    readonly timeout: number,
    /** The number of replicas that must confirm a change. */
    private readonly replicas: number,
  ) {
    executor.open(this.id, {
      onAvailable: () => {
        this.#allQueues.forEach(queue => queue.resume());
        this.#observers.forEach(observer => observer.onAvailable?.());
      },
      onGrant: grant => this.#observers.forEach(observer => observer.onGrant?.(grant)),
    });
  }

  /**
   * @throws StateUnavailableError if it was not applied, AmbiguousResultError if it may have been
   */
  run<Name extends OperationName, Value>(
    operation: Operation<Name>,
    read: Read<Name, Value>,
    terms: CallTerms = {},
  ): Promise<Value> {
    const call = (): Promise<Value> => this.#call(operation, read, terms);
    return stateCalls.hasSubscribers ? reported(operation.name, call) : call();
  }

  /** Why calls fail at once; `undefined` if they are sent. */
  get whyRefused(): string | undefined {
    if (this.#isClosed) {
      return stateMessages.closed();
    }
    const { unavailableSince, whyUnusable } = this.executor;
    // The backend has been unavailable for longer than a call may take.
    const isAway =
      unavailableSince !== undefined && monotonicNow() - unavailableSince > this.timeout;
    return whyUnusable ?? (isAway ? stateMessages.unreachable() : undefined);
  }

  #call<Name extends OperationName, Value>(
    operation: Operation<Name>,
    read: Read<Name, Value>,
    { timeout = this.timeout, replicas = 0 }: CallTerms,
  ): Promise<Value> {
    const asked = operation as Operation;
    const refused = this.whyRefused;
    if (refused !== undefined) {
      return Promise.reject(unavailable(asked, refused));
    }
    const enough = isRead(asked) ? 0 : Math.max(replicas, this.replicas);
    return new Promise<unknown>((resolve, reject) => {
      const call = new Call(
        asked,
        monotonicNow() + timeout,
        enough,
        read as never,
        resolve,
        reject,
      );
      this.#queueOf(asked, enough > 0).add(call);
    }) as Promise<Value>;
  }

  /**
   * Returns the outcome of an operation that rejected with an `AmbiguousResultError`.
   *
   * @throws StateInputError for an invalid operation ID
   * @throws StateUnavailableError if the backend does not answer
   */
  async resolve(text: string): Promise<OperationOutcome> {
    const id = parseOperationId(text);
    if (!id) {
      throw new StateInputError(
        asText(text),
        `${shown(text)} is not the operationId of an AmbiguousResultError.`,
      );
    }
    const refused = this.whyRefused;
    if (refused !== undefined) {
      throw new StateUnavailableError('resolve', text, refused);
    }
    try {
      const known = await within(this.timeout, this.executor.recall(id, id.at), () => {
        this.executor.suspect();
        throw new Error(stateMessages.unanswered());
      });
      return outcomeOf(id, known);
    } catch (cause) {
      const why = this.whyRefused ?? stateMessages.unreachable();
      throw new StateUnavailableError('resolve', text, why, { cause });
    }
  }

  /** Adds an observer. @returns a function that removes it */
  observe(observer: StateObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Rejects all calls, and releases the backend. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Adds a task that `close()` awaits first. */
  onClose(task: () => Promise<void>): void {
    this.#closing.push(task);
  }

  async #close(): Promise<void> {
    await Promise.all(this.#closing.map(task => task()));
    this.#isClosed = true;
    this.#allQueues.forEach(queue => queue.close());
    await this.executor.close();
  }

  /**
   * Returns the queue for an operation. Ordered calls and calls that wait for replicas have their own queues, so that
   * they do not delay others.
   */
  #queueOf(operation: Operation, waitsForReplicas: boolean): CallQueue {
    const partition = this.executor.partitionOf(operation.key);
    const inOrder = isOrdered(operation);
    const others = waitsForReplicas ? this.#replicatedQueues : this.#queues;
    const queues = inOrder ? this.#orderedQueues : others;
    let queue = queues.get(partition);
    if (!queue) {
      const newName = (): string => `${this.id}-${++this.#lanesMade}`;
      queue = new CallQueue(partition, this.executor, newName, inOrder ? 1 : 2);
      queues.set(partition, queue);
    }
    return queue;
  }

  get #allQueues(): CallQueue[] {
    return [this.#queues, this.#replicatedQueues, this.#orderedQueues].flatMap(queues => [
      ...queues.values(),
    ]);
  }
}
