import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { Sender } from '../membership/bus-member.interface.js';
import type { HighWaterMarksRequest, HighWaterMarksText } from '../payload/bus-message.js';
import { type BusTransport, type Channel, topicOf } from '../bus-transport.interface.js';
import { BUS_VERSION } from '../payload/read-message.js';
import type { PublisherRegistry } from '../publish/publisher-registry.js';
import type { SubscriptionManager } from '../subscribe/subscription-manager.js';

/** The channel for high-water marks and requests for them. @internal */
export const HIGH_WATER_MARKS: Channel = 'all:heads';

/** Milliseconds; topics without events for longer than this are left out of `recentHighWaterMarks()`. */
const RECENT = 60_000;

/**
 * Exchanges high-water marks between members after an interruption, so that missing events at the end of a topic are
 * detected, too.
 *
 * @internal
 */
export class OffsetSync {
  constructor(
    private readonly self: Sender,
    private readonly transport: BusTransport,
    private readonly publishers: PublisherRegistry,
    private readonly subscriptions: SubscriptionManager,
  ) {}

  /** Called after an interruption of these channels. */
  resumed(channels: readonly Channel[]): void {
    if (channels.includes(HIGH_WATER_MARKS)) {
      // Requests of other members were lost during the interruption: send the marks to all of them.
      this.#send(HIGH_WATER_MARKS, {
        headsOf: this.self,
        heads: this.publishers.recentHighWaterMarks(RECENT),
      });
    }
    const filters = channels.flatMap(channel => topicOf(channel) ?? []);
    if (filters.length > 0) {
      this.#send(HIGH_WATER_MARKS, { asks: this.self.member, filters });
    }
  }

  take(message: HighWaterMarksRequest | HighWaterMarksText): void {
    if ('heads' in message) {
      this.subscriptions.compare(message, monotonicNow());
      return;
    }
    const heads = this.publishers.highWaterMarks(message.filters);
    if (heads.length > 0) {
      this.#send(`to:${message.asks}`, { headsOf: this.self, heads });
    }
  }

  /** Does not retry: if the message is lost, another interruption follows, and with it another exchange. */
  #send(channel: Channel, what: HighWaterMarksRequest | HighWaterMarksText): void {
    this.transport.publish(channel, JSON.stringify({ v: BUS_VERSION, ...what })).catch(() => {});
  }
}
