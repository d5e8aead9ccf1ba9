import type { Gap } from '../gaps/gap.interface.js';
import type { DurableEvent } from '../payload/bus-message.js';

/** An event from the transport or from a topic log. @internal */
export interface ArrivedEvent extends DurableEvent {
  readonly offset?: string;
  readonly retained?: true;
  /** Approximate bytes of memory that the event takes in a queue. */
  readonly size: number;
}

/** Receives the events of a feed. @internal */
export interface FeedListener {
  onEvent(event: ArrivedEvent): void;
  /** Called for a durable event that this member published for others only (`self: false`). */
  onPassed(event: ArrivedEvent): void;
  /** Called when events were lost between the publisher and this process. */
  onGap(gap: Gap): void;
  /** Called after an interruption of the feed. */
  onResumed(): void;
}
