import type { BusMember } from '../membership/bus-member.interface.js';

/** The second argument of event handlers: the metadata of the event. @publicApi */
export interface EventContext {
  /** The topic on which the event was published, also if the subscription is to a pattern. */
  readonly topic: string;
  /** The worker that published the event. */
  readonly from: BusMember;
  /** The offset of the event in its topic; only for topics with `durable` or `retain`. */
  readonly offset?: string;
  /** `true` for the retained event that a new subscriber gets first: the last one from before the subscription. */
  readonly retained?: true;
}

/** The second argument of request handlers: the metadata of the request. @publicApi */
export interface RequestContext {
  /** The topic of the request. */
  readonly topic: string;
  /** The worker that sent the request. */
  readonly from: BusMember;
}

/** A subscription to events, or a registration to answer requests. @publicApi */
export interface Subscription {
  /** Ends the subscription. Handlers that are running finish; queued events are dropped. */
  unsubscribe(): Promise<void>;
}
