import type { Gap } from '../gaps/gap.interface.js';
import type { DurableEvent } from '../payload/bus-message.js';

/** An event as it has come over the transport, or out of a history. @internal */
export interface ArrivedEvent extends DurableEvent {
  readonly offset?: string;
  readonly retained?: true;
  /** About how many bytes it takes while it waits. */
  readonly size: number;
}

/** Who subscribes to a feed. @internal */
export interface FeedListener {
  onEvent(event: ArrivedEvent): void;
  /** One that is kept, and that this member has published for others only. */
  onPassed(event: ArrivedEvent): void;
  /** Some were missed on the way to this process. */
  onGap(gap: Gap): void;
  /** The feed was interrupted. */
  onResumed(): void;
}
