import type { BusTransport } from '../bus-transport.interface.js';
import type { FaultReport } from '../fault-report.js';
import type { DurableTopics } from '../publish/durable-topics.js';
import type { Membership } from '../membership/membership.js';
import type { PatternRelays } from '../membership/pattern-relays.js';
import type { ConsumerOffsets } from './durable/consumer-offsets.js';
import type { TopicOptions } from '../publish/topic-options.interface.js';

/** The resolved options of a subscription. @internal */
export interface SubscriptionTerms extends TopicOptions {
  readonly group?: string | undefined;
  /** The maximum number of events that are handled at the same time. */
  readonly concurrency: number;
  /** Milliseconds that the handler may take for one event. */
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly backoff?: number | undefined;
  readonly deadLetter?: string | undefined;
}

/** @internal */
export interface SubscriptionManagerDependencies {
  /** The name of this member. */
  readonly self: string;
  readonly transport: BusTransport;
  readonly topics: DurableTopics;
  readonly membership: Membership;
  readonly relays: PatternRelays;
  readonly offsets: ConsumerOffsets;
  readonly report: FaultReport;
  /** Publishes an event on a durable topic. @param payload as JSON */
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly maxQueueBytes: number;
}
