import type { FeedListener } from './arrived-event.interface.js';

/** @internal */
export interface SubscriberLimits {
  /** How many events are handled at a time. */
  readonly concurrency: number;
  /** How many bytes of events may wait. */
  readonly maxQueueBytes: number;
}

/** What waits for a handler. @internal */
export interface QueueVitals {
  /** So many. */
  readonly length: number;
  /** 0 to 1. */
  readonly fullness: number;
}

/**
 * One subscription: takes what its feed brings, and hands it to the handler.
 *
 * @internal
 */
export interface Subscriber extends FeedListener {
  readonly queue: QueueVitals;
  /** The feed brings events. Resolves when none is missed from now on; rejects if that is not clear yet. */
  start(): Promise<void>;
  /** A member is gone: it handles nothing any more. */
  onMemberLeft(): void;
  /** Takes no more. Resolves when nothing is being handled. */
  close(): Promise<void>;
}
