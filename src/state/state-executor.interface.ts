import type { Operation, OperationName, OperationResult } from './operation.js';
import type { Recollection } from './recollection.js';

/**
 * Operations that are carried out together, in order, and once: a batch that comes again, because the
 * answer to it was lost, gets the answer of the first time.
 *
 * @internal
 */
export interface Batch<Each = Operation> {
  readonly partition: number;
  /** Who sends it. The batches of a lane come one after the other, each after the answer to the last. */
  readonly lane: string;
  /** Its place in the lane, from 1. */
  readonly sequence: number;
  /** {@link monotonicNow} after which it must not be carried out any more. */
  readonly deadline: number;
  /** How many replicas must have it before it counts. */
  readonly replicas: number;
  readonly operations: readonly Each[];
}

/** What has arrived in the place of an operation, and is none. Those beside it are carried out. @internal */
export interface InvalidOperation {
  /** What is wrong with it. */
  readonly invalid: string;
}

/** A batch as it arrives from another process. @internal */
export type ReceivedBatch = Batch<Operation | InvalidOperation>;

/** The backend has answered something that no result can be: whether the operation was applied is not known. @internal */
export interface UnreadableResult {
  /** What is wrong with it. */
  readonly unreadable: string;
}

/** @internal */
export function isUnreadable(
  result: OperationResult | UnreadableResult,
): result is UnreadableResult {
  return typeof result === 'object' && result !== null && 'unreadable' in result;
}

/** What became of one attempt to have a batch carried out. @internal */
export type Outcome =
  /** It is, now or by an earlier attempt. */
  | { readonly type: 'applied'; readonly results: readonly (OperationResult | UnreadableResult)[] }
  /** It is not and never will be, neither by this attempt nor by an earlier one. */
  | { readonly type: 'void' }
  /** Not by this attempt: there is no memory left for it. To try again is of no use until somebody makes room. */
  | { readonly type: 'full'; readonly why: string; readonly cause?: Error }
  /** Not by this attempt. */
  | { readonly type: 'refused'; readonly why: string; readonly cause?: Error }
  /** Perhaps. */
  | { readonly type: 'unknown'; readonly why: string; readonly cause?: Error };

/** One operation of one batch. @internal */
export interface OperationPlace {
  readonly name: OperationName;
  readonly partition: number;
  readonly lane: string;
  readonly sequence: number;
  /** Of the operation in its batch. */
  readonly index: number;
}

/** A lock passes to an owner who waited for it. @internal */
export interface Grant {
  readonly owner: string;
  readonly token: number;
}

/** @internal */
export interface ExecutorObserver {
  /** The backend can be reached again: what was asked before may have gone unheard. */
  onAvailable(): void;
  onGrant(grant: Grant): void;
}

/**
 * A backend of the shared state. What it says of a batch is what its callers are told: it must not
 * say `refused` of what may be applied, nor apply what it calls `void`.
 *
 * @internal
 */
export interface StateExecutor {
  /** Since when it cannot be reached, by {@link monotonicNow}; `undefined` while it can. */
  readonly unavailableSince: number | undefined;
  /** Why it must not be used, although it answers: until somebody has done something about it, every call fails. */
  readonly whyUnusable?: string | undefined;
  /** What is the matter with it although it answers, a sentence each. */
  readonly problems?: readonly string[];
  /** Begins to work for one client, which takes grants and news of it. */
  open(client: string, observer: ExecutorObserver): void;
  /** Keys of one partition can be in one batch. */
  partitionOf(key: string): number;
  /** Never rejects. */
  execute(batch: Batch): Promise<Outcome>;
  /** Something went unanswered: nothing more is to be sent until the backend answers. */
  suspect(): void;
  /** Sees to it that grants arrive; those that do not, for whatever reason, are found by asking again. */
  listen(): Promise<void>;
  /**
   * What the clock shows now by which the backend of a partition remembers: in whole milliseconds, and not more
   * than it does.
   */
  time(partition: number): number;
  /**
   * What is known of an operation that somebody gave up at some {@link time}.
   *
   * @throws Error if the backend does not tell
   */
  recall(place: OperationPlace, at: number): Promise<Recollection>;
  /** Ends what `open()` began. */
  close(): Promise<void>;
}
