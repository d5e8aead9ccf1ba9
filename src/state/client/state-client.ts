import { randomBytes } from 'node:crypto';
import { StateInputError } from '../../model/errors/state-input.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { within } from '../../system/async/within.js';
import { asText, shown } from '../../system/text/shown.js';
import { Call, type Read } from './call.js';
import { CallQueue } from './call-queue.js';
import { unavailable } from './lane.js';
import { isOrdered, isRead, type Operation, type OperationName } from '../operation.js';
import { parseOperationId } from './operation-id.js';
import { outcomeOf } from './operation-outcome.js';
import type { OperationOutcome } from './operation-outcome.interface.js';
import { stateMessages } from '../state.messages.js';
import type { Grant, StateExecutor } from '../state-executor.interface.js';

/** Injection token of the {@link StateClient}. @internal */
export const STATE_CLIENT = Symbol('STATE_CLIENT');

/** What a call wants beside the operation. @internal */
export interface CallTerms {
  /** Milliseconds instead of those of the options. */
  readonly timeout?: number;
  readonly replicas?: number;
}

/** Hears of what a backend says on its own. @internal */
export interface StateObserver {
  /** The backend is there again: what it said meanwhile was lost. */
  onAvailable?(): void;
  onGrant?(grant: Grant): void;
}

/**
 * The shared state as one application uses it: turns calls into batches for the backend, and answers
 * each call, by its deadline, with what came of it.
 *
 * @internal
 */
export class StateClient {
  /** No other client has it, in this process or in any other. */
  readonly id = randomBytes(9).toString('base64url');
  readonly #queues = new Map<number, CallQueue>();
  readonly #replicatedQueues = new Map<number, CallQueue>();
  readonly #orderedQueues = new Map<number, CallQueue>();
  readonly #observers = new Set<StateObserver>();
  readonly #closing: (() => Promise<void>)[] = [];
  #lanesMade = 0;
  #isClosed = false;
  #closed: Promise<void> | undefined;

  constructor(
    readonly executor: StateExecutor,
    /** Milliseconds by which a call settles. */
    readonly timeout: number,
    /** How many replicas must have a change. */
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
    { timeout = this.timeout, replicas = 0 }: CallTerms = {},
  ): Promise<Value> {
    const asked = operation as Operation;
    const now = monotonicNow();
    const { unavailableSince, whyUnusable } = this.executor;
    if (this.#isClosed) {
      return Promise.reject(unavailable(asked, stateMessages.closed()));
    }
    if (whyUnusable !== undefined) {
      return Promise.reject(unavailable(asked, whyUnusable));
    }
    // Whoever waited for as long as a call may last would not have got an answer: nobody else need wait.
    if (unavailableSince !== undefined && now - unavailableSince > this.timeout) {
      return Promise.reject(unavailable(asked, stateMessages.unreachable()));
    }
    const enough = isRead(asked) ? 0 : Math.max(replicas, this.replicas);
    return new Promise<unknown>((resolve, reject) => {
      const call = new Call(asked, now + timeout, enough, read as never, resolve, reject);
      this.#queueOf(asked, enough > 0).add(call);
    }) as Promise<Value>;
  }

  /**
   * What became of an operation that ended in an `AmbiguousResultError`.
   *
   * @throws StateInputError for what is no operation id
   * @throws StateUnavailableError if the backend does not tell
   */
  async resolve(text: string): Promise<OperationOutcome> {
    const id = parseOperationId(text);
    if (!id) {
      throw new StateInputError(
        asText(text),
        `${shown(text)} is not the operationId of an AmbiguousResultError.`,
      );
    }
    try {
      const known = await within(this.timeout, this.executor.recall(id, id.at), () => {
        this.executor.suspect();
        throw new Error(stateMessages.unanswered());
      });
      return outcomeOf(id, known);
    } catch (cause) {
      const why = this.executor.whyUnusable ?? stateMessages.unreachable();
      throw new StateUnavailableError('resolve', text, why, { cause });
    }
  }

  /** Until the answer is called. */
  observe(observer: StateObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Settles every call, and lets go of the backend. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Awaited before anything is closed. */
  onClose(task: () => Promise<void>): void {
    this.#closing.push(task);
  }

  async #close(): Promise<void> {
    await Promise.all(this.#closing.map(task => task()));
    this.#isClosed = true;
    this.#allQueues.forEach(queue => queue.close());
    await this.executor.close();
  }

  /** Calls that wait for replicas, or for those before them, hold up no others. */
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
