import type { Logger } from '@nestjs/common';
import type { BusFault, InvalidPayloadFault } from './bus-fault.interface.js';
import { busMessages } from './bus.messages.js';
import type { Gap } from './gaps/gap.interface.js';
import { LossCounter } from './gaps/loss-counter.js';
import { TopicCounters } from './topic-counters.js';
import { printableStack } from '../system/text/printable.js';

/**
 * Reports invalid payloads, failed handlers and gaps: in the log, to the observers of `ClusterBus.errors`, and in the
 * vitals. Counts the events of each topic.
 *
 * @internal
 */
export class FaultReport {
  readonly losses = new LossCounter();
  readonly topics = new TopicCounters();

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    private readonly onFault: (fault: BusFault) => void,
  ) {}

  invalidPayload(fault: InvalidPayloadFault): void {
    this.logger.warn(busMessages.invalidPayload(fault));
    this.onFault(fault);
  }

  handlerFailed(handler: string, topic: string, error: unknown): void {
    this.logger.error(busMessages.handlerFailed(handler, topic), printableStack(error));
    this.onFault({ type: 'handler-failed', topic, handler, error });
  }

  missed(gap: Gap): void {
    this.losses.add(gap);
    this.topics.missed(gap);
  }

  gapHandlerFailed(handler: string, topic: string, error: unknown): void {
    this.logger.error(busMessages.gapHandlerFailed(handler, topic), printableStack(error));
  }

  warn(message: string): void {
    this.logger.warn(message);
  }
}
