import type { BusMember } from '../membership/bus-member.interface.js';

/** What a handler is told of an event beside its payload. @publicApi */
export interface EventContext {
  /** On which it was published, also where a pattern was subscribed to. */
  readonly topic: string;
  /** Who published it. */
  readonly from: BusMember;
  /** Of topics that are kept (`durable`, `retain`): its place among all events of the topic. */
  readonly offset?: string;
  /** It is the last event of a topic with `retain`, from before the subscription. */
  readonly retained?: true;
}

/** What who answers a question is told of it beside its payload. @publicApi */
export interface RequestContext {
  /** The topic that the question was asked on. */
  readonly topic: string;
  /** Who asks. */
  readonly from: BusMember;
}

/** A subscription, or a readiness to answer. @publicApi */
export interface Subscription {
  /** Ends it. What is being handled comes to its end; what waits is dropped. */
  unsubscribe(): Promise<void>;
}
