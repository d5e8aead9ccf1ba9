import type { BusTransport } from '../bus-transport.interface.js';
import type { FaultReport } from '../fault-report.js';
import type { DurableTopics } from '../publish/durable-topics.js';
import type { Membership } from '../membership/membership.js';
import type { ConsumerOffsets } from './durable/consumer-offsets.js';
import type { TopicOptions } from '../publish/topic-options.interface.js';

/** What a subscription wants. @internal */
export interface SubscriptionTerms extends TopicOptions {
  readonly group?: string | undefined;
  /** How many events are handled at a time. */
  readonly concurrency: number;
}

/** @internal */
export interface SubscriptionManagerDependencies {
  /** This member's own name. */
  readonly self: string;
  readonly transport: BusTransport;
  readonly kept: DurableTopics;
  readonly membership: Membership;
  readonly offsets: ConsumerOffsets;
  readonly report: FaultReport;
  /** Milliseconds that a subscription may take until it is left to itself. */
  readonly timeout: number;
  readonly maxQueueBytes: number;
}
