import type { FeedListener } from './arrived-event.interface.js';

/** @internal */
export interface SubscriberLimits {
  /** The maximum number of events that are handled at the same time. */
  readonly concurrency: number;
  /** The maximum size of the queue in bytes. */
  readonly maxQueueBytes: number;
}

/** The state of a handler's queue. @internal */
export interface QueueVitals {
  /** Number of queued events. */
  readonly length: number;
  /** Their size. */
  readonly bytes: number;
  /** Share of the limit that is in use, 0 to 1. */
  readonly fullness: number;
}

/**
 * One subscription: queues the events of its feed, and passes them to the handler.
 *
 * @internal
 */
export interface Subscriber extends FeedListener {
  readonly queue: QueueVitals;
  /**
   * Called when the feed delivers events. Resolves when none is missed from now on; rejects if it has to be retried.
   */
  start(): Promise<void>;
  /** Called when a member has left and handles nothing more. */
  onMemberLeft(): void;
  /** Accepts no more events. Resolves when no handler is running. */
  close(): Promise<void>;
}
