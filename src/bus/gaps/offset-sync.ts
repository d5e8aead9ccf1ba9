import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { Sender } from '../membership/bus-member.interface.js';
import type { HighWaterMarksRequest, HighWaterMarksText } from '../payload/bus-message.js';
import { type BusTransport, type Channel, topicOf } from '../bus-transport.interface.js';
import { BUS_VERSION } from '../payload/read-message.js';
import type { PublisherSequences } from '../publish/publisher-sequences.js';
import type { SubscriptionManager } from '../subscribe/subscription-manager.js';

/** Where all members are asked how far they have got, or tell it. @internal */
export const HIGH_WATER_MARKS: Channel = 'all:heads';

/** What was published before an outage that lasted longer than this, is not told of any more. */
const RECENT = 60_000;

/**
 * After an interruption, members tell each other how far they have got with their topics: so that what is
 * missing at the end of one is noticed, too.
 *
 * @internal
 */
export class OffsetSync {
  constructor(
    private readonly self: Sender,
    private readonly transport: BusTransport,
    private readonly senders: PublisherSequences,
    private readonly subscriptions: SubscriptionManager,
  ) {}

  /** These channels were interrupted. */
  resumed(channels: readonly Channel[]): void {
    if (channels.includes(HIGH_WATER_MARKS)) {
      // Others have asked in vain meanwhile.
      this.#say(HIGH_WATER_MARKS, { headsOf: this.self, heads: this.senders.recentHeads(RECENT) });
    }
    const filters = channels.flatMap(channel => topicOf(channel) ?? []);
    if (filters.length > 0) {
      this.#say(HIGH_WATER_MARKS, { asks: this.self.member, filters });
    }
  }

  take(message: HighWaterMarksRequest | HighWaterMarksText): void {
    if ('heads' in message) {
      this.subscriptions.compare(message, monotonicNow());
      return;
    }
    const heads = this.senders.heads(message.filters);
    if (heads.length > 0) {
      this.#say(`to:${message.asks}`, { headsOf: this.self, heads });
    }
  }

  /** If it does not arrive, the connection is lost again, and there will be another time. */
  #say(channel: Channel, what: HighWaterMarksRequest | HighWaterMarksText): void {
    this.transport.publish(channel, JSON.stringify({ v: BUS_VERSION, ...what })).catch(() => {});
  }
}
