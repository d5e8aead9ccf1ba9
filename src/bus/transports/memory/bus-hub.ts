import type { MemberInfo } from '../../membership/bus-member.interface.js';
import type { MemberChange } from '../../membership/member-change.js';
import type { Channel, Mark } from '../../bus-transport.interface.js';
import { isPattern, topicMatcher } from '../../topic-filter.js';

/** Delivers messages to a member. @internal */
export interface MemberPort {
  /** @param channel the channel of the member's subscription */
  deliver(channel: Channel, text: string, mark: Mark | undefined): void;
  tell(change: MemberChange): void;
}

interface Connected {
  info: MemberInfo;
  readonly port: MemberPort;
}

interface PatternSubscription {
  readonly member: string;
  readonly channel: Channel;
  readonly matches: (topic: string) => boolean;
}

/**
 * The members and subscriptions of one host's bus, in its primary or in the single process.
 *
 * @internal
 */
export class BusHub {
  readonly #members = new Map<string, Connected>();
  readonly #subscribers = new Map<Channel, Set<string>>();
  readonly #patterns: PatternSubscription[] = [];

  join(info: MemberInfo, port: MemberPort): void {
    this.#members.set(info.member, { info, port });
    this.#tellAll({ told: info });
  }

  announce(info: MemberInfo): void {
    const member = this.#members.get(info.member);
    if (member) {
      member.info = info;
      this.#tellAll({ told: info });
    }
  }

  leave(member: string): void {
    if (!this.#members.delete(member)) {
      return;
    }
    for (const [channel, members] of this.#subscribers) {
      this.#remove(channel, members, member);
    }
    this.#removePatterns(subscription => subscription.member === member);
    this.#tellAll({ left: [member] });
  }

  get infos(): MemberInfo[] {
    return [...this.#members.values()].map(({ info }) => info);
  }

  subscribe(member: string, channel: Channel): void {
    if (isPattern(channel)) {
      this.#patterns.push({ member, channel, matches: topicMatcher(channel) });
      return;
    }
    const members = this.#subscribers.get(channel) ?? new Set();
    this.#subscribers.set(channel, members.add(member));
  }

  unsubscribe(member: string, channel: Channel): void {
    const members = this.#subscribers.get(channel);
    if (members) {
      this.#remove(channel, members, member);
    }
    this.#removePatterns(
      subscription => subscription.member === member && subscription.channel === channel,
    );
  }

  publish(channel: Channel, text: string, mark?: Mark): void {
    for (const member of this.#subscribers.get(channel) ?? []) {
      this.#members.get(member)?.port.deliver(channel, text, mark);
    }
    for (const { member, channel: pattern, matches } of this.#patterns) {
      if (matches(channel)) {
        this.#members.get(member)?.port.deliver(pattern, text, mark);
      }
    }
  }

  #remove(channel: Channel, members: Set<string>, member: string): void {
    members.delete(member);
    if (members.size === 0) {
      this.#subscribers.delete(channel);
    }
  }

  #removePatterns(isGone: (subscription: PatternSubscription) => boolean): void {
    const left = this.#patterns.filter(subscription => !isGone(subscription));
    this.#patterns.splice(0, this.#patterns.length, ...left);
  }

  #tellAll(change: MemberChange): void {
    this.#members.forEach(({ port }) => port.tell(change));
  }
}
