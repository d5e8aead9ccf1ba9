import { groupKey, type MemberCard, type MemberChange } from './bus-member.interface.js';
import { topicMatcher } from './topic-filter.js';

type TopicMatcher = ReturnType<typeof topicMatcher>;

interface Known {
  readonly card: MemberCard;
  readonly groups: readonly { readonly key: string; readonly matches: TopicMatcher }[];
  readonly patterns: readonly { readonly filter: string; readonly matches: TopicMatcher }[];
}

/**
 * Who takes part in the bus, as far as this member has been told.
 *
 * @internal
 */
export class Members {
  readonly #known = new Map<string, Known>();
  /** Whose turn it is in each group. */
  readonly #turns = new Map<string, number>();

  /** Everybody, in place of what was known before; the answer is who is gone. */
  replace(cards: readonly MemberCard[]): string[] {
    const names = new Set(cards.map(({ member }) => member));
    const gone = [...this.#known.keys()].filter(member => !names.has(member));
    gone.forEach(member => this.#known.delete(member));
    cards.forEach(card => this.#tell(card));
    return gone;
  }

  change(change: MemberChange): void {
    if ('told' in change) {
      this.#tell(change.told);
    } else {
      this.#known.delete(change.left);
    }
  }

  /** Of each group that has subscribed to a topic, whose turn it is; `undefined` if there is no group. */
  pick(topic: string): Readonly<Record<string, string>> | undefined {
    const candidates = new Map<string, string[]>();
    for (const [member, { groups }] of this.#known) {
      for (const { key, matches } of groups) {
        if (matches(topic)) {
          candidates.set(key, [...(candidates.get(key) ?? []), member]);
        }
      }
    }
    if (candidates.size === 0) {
      return undefined;
    }
    return Object.fromEntries(
      [...candidates].map(([key, members]) => [key, members[this.#turn(key) % members.length]!]),
    );
  }

  /** The patterns that somebody has subscribed to, and that a topic matches. */
  patternsFor(topic: string): string[] {
    const filters = [...this.#known.values()].flatMap(({ patterns }) =>
      patterns.filter(({ matches }) => matches(topic)).map(({ filter }) => filter),
    );
    return [...new Set(filters)];
  }

  #tell(card: MemberCard): void {
    this.#known.set(card.member, {
      card,
      groups: card.groups.map(place => ({
        key: groupKey(place),
        matches: topicMatcher(place.filter),
      })),
      patterns: card.patterns.map(filter => ({ filter, matches: topicMatcher(filter) })),
    });
  }

  /** Not all senders begin with the same one. */
  #turn(key: string): number {
    const turn = this.#turns.get(key) ?? Math.floor(Math.random() * 1_000);
    this.#turns.set(key, turn + 1);
    return turn;
  }
}
