import type { Operation, OperationName, OperationResult } from './operation.js';
import type { StateInspector } from './inspection/state-inspector.interface.js';
import type { Recollection } from './recollection.js';

/**
 * Operations that are applied together, in order, and once. A batch that is sent again because its answer was lost
 * gets the answer of the first time.
 *
 * @internal
 */
export interface Batch<Each = Operation> {
  readonly partition: number;
  /** The lane that sends it. A lane sends its batches one after the other, each after the answer to the last. */
  readonly lane: string;
  /** Its number in the lane, from 1. */
  readonly sequence: number;
  /** {@link monotonicNow} after which the batch must not be applied. */
  readonly deadline: number;
  /** The number of replicas that must confirm it. */
  readonly replicas: number;
  readonly operations: readonly Each[];
}

/** Replaces an invalid operation in a batch. The other operations are applied. @internal */
export interface InvalidOperation {
  /** The reason. */
  readonly invalid: string;
}

/** A batch as it arrives from another process. @internal */
export type ReceivedBatch = Batch<Operation | InvalidOperation>;

/** The backend sent an invalid result, so it is unknown whether the operation was applied. @internal */
export interface UnreadableResult {
  /** The reason. */
  readonly unreadable: string;
}

/** @internal */
export function isUnreadable(result: BatchResult): result is UnreadableResult {
  return typeof result === 'object' && result !== null && 'unreadable' in result;
}

/** A read that goes into another batch, because the results of the reads before it are large. @internal */
export interface DeferredRead {
  readonly isDeferred: true;
}

/** @internal */
export const DEFERRED: DeferredRead = { isDeferred: true };

/** @internal */
export function isDeferred(result: unknown): result is DeferredRead {
  return typeof result === 'object' && result !== null && 'isDeferred' in result;
}

/**
 * The result of an operation in a batch. Only reads are deferred, so writes are applied in their order.
 *
 * @internal
 */
export type BatchResult = OperationResult | UnreadableResult | DeferredRead;

/** The outcome of one attempt to execute a batch. @internal */
export type Outcome =
  /** The batch was applied, by this or an earlier attempt. */
  | { readonly type: 'applied'; readonly results: readonly BatchResult[] }
  /** The batch was not applied by any attempt, and never will be. */
  | { readonly type: 'void' }
  /** This attempt was refused because the backend is full. A retry fails until there is room. */
  | { readonly type: 'full'; readonly why: string; readonly cause?: Error }
  /** This attempt was refused; nothing was applied by it. */
  | ({ readonly type: 'refused' } & Failure)
  /** This attempt may have been applied. */
  | ({ readonly type: 'unknown' } & Failure);

/** Why an attempt failed. @internal */
export interface Failure {
  readonly why: string;
  readonly cause?: Error;
  /** Whether the batch must not be sent again. */
  readonly isFinal?: boolean;
}

/** One operation of one batch. @internal */
export interface OperationPlace {
  readonly name: OperationName;
  readonly partition: number;
  readonly lane: string;
  readonly sequence: number;
  /** The index of the operation in its batch. */
  readonly index: number;
}

/** A lock is granted to a waiting owner. @internal */
export interface Grant {
  readonly owner: string;
  readonly token: number;
}

/** Some of the keys, and where to continue; `null` at the end. @internal */
export interface KeyPage {
  readonly keys: readonly string[];
  readonly cursor: string | null;
}

/** @internal */
export interface ExecutorObserver {
  /** The backend is available again. Earlier requests may have been lost. */
  onAvailable(): void;
  onGrant(grant: Grant): void;
}

/**
 * A backend of the shared state. Callers rely on its outcomes: it must not return `refused` for a batch that may have
 * been applied, nor apply a batch after it has returned `void`.
 *
 * @internal
 */
export interface StateExecutor {
  /** {@link monotonicNow} when the backend became unreachable; `undefined` while it is reachable. */
  readonly unavailableSince: number | undefined;
  /** Why the backend must not be used although it answers. Every call fails until an operator fixes it. */
  readonly whyUnusable?: string | undefined;
  /** Problems of a backend that answers, one sentence each. */
  readonly problems?: readonly string[];
  /** Starts to work for one client, whose observer gets lock grants and changes of availability. */
  open(client: string, observer: ExecutorObserver): void;
  /** Returns the partition of a key. Keys of one partition can be in one batch. */
  partitionOf(key: string): number;
  /** Executes a batch. Never rejects. */
  execute(batch: Batch): Promise<Outcome>;
  /** Called when an answer is overdue. If the backend does not answer at all, nothing more is sent until it does. */
  suspect(): void;
  /** Subscribes to lock grants. Grants may still be lost; clients find those by asking again. */
  listen(): Promise<void>;
  /**
   * Returns a lower bound of the backend's current time for a partition, in whole milliseconds.
   */
  time(partition: number): number;
  /**
   * Returns what the backend remembers of an operation.
   *
   * @param at the {@link time} at which its caller gave up
   *
   * @throws Error if the backend does not answer
   */
  recall(place: OperationPlace, at: number): Promise<Recollection>;
  /**
   * Returns some of the keys of users that begin with `prefix`, of any type, and where to continue. A key that exists
   * all the time is returned at least once.
   *
   * @param cursor `''` to begin
   * @throws Error if the backend does not answer
   */
  scan(prefix: string, cursor: string): Promise<KeyPage>;
  /** Shows people what is stored. */
  readonly inspector?: StateInspector;
  /** Ends the work for the client. */
  close(): Promise<void>;
}
