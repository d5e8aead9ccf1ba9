import { FairTurns } from '../../../system/async/fair-turns.js';
import type { MemberCard, MemberList } from '../../membership/bus-member.interface.js';
import type { BusTransport, Channel, TransportObserver } from '../../bus-transport.interface.js';
import type { BusHub } from './bus-hub.js';

/**
 * A bus in this process: what single mode has.
 *
 * @internal
 */
export class LocalTransport implements BusTransport {
  readonly unavailableSince = undefined;
  readonly relaysToPatterns = false;
  readonly #turns = new FairTurns();
  #member = '';

  constructor(private readonly hub: BusHub) {}

  open(card: MemberCard, observer: TransportObserver): void {
    this.#member = card.member;
    this.hub.join(card, {
      // Not within the call of somebody else.
      deliver: (channel, text) => queueMicrotask(() => observer.onText(channel, text)),
      tell: change => queueMicrotask(() => observer.onMember(change)),
    });
  }

  announce(card: MemberCard): Promise<void> {
    this.hub.announce(card);
    return Promise.resolve();
  }

  members(): Promise<MemberList> {
    return Promise.resolve({ cards: this.hub.cards, strangers: [] });
  }

  subscribe(channel: Channel): Promise<void> {
    this.hub.subscribe(this.#member, channel);
    return Promise.resolve();
  }

  unsubscribe(channel: Channel): Promise<void> {
    this.hub.unsubscribe(this.#member, channel);
    return Promise.resolve();
  }

  async publish(channel: Channel, text: string): Promise<void> {
    this.hub.publish(channel, text);
    await this.#turns.take();
  }

  relay(): void {}

  suspect(): void {}

  bury(): void {}

  close(): Promise<void> {
    this.hub.leave(this.#member);
    return Promise.resolve();
  }
}
