import { groupKey, type MemberInfo, type MemberChange } from './bus-member.interface.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import { topicMatcher } from '../topic-filter.js';

type TopicMatcher = ReturnType<typeof topicMatcher>;

/** Of more topics than this, what was looked up the longest ago is looked up again. */
const MAX_TOPICS = 1_000;

interface Known {
  readonly consumers: readonly string[];
  readonly groups: readonly { readonly key: string; readonly matches: TopicMatcher }[];
  readonly patterns: readonly { readonly filter: string; readonly matches: TopicMatcher }[];
}

/**
 * Who takes part in the bus, as far as this member has been told.
 *
 * @internal
 */
export class MemberDirectory {
  readonly #known = new Map<string, Known>();
  /** Of topics, who may be picked: as long as nothing changes. */
  readonly #candidates = new RecentMap<string, ReadonlyMap<string, readonly string[]>>(MAX_TOPICS);
  /** Whose turn it is in each group. */
  readonly #turns = new Map<string, number>();

  /** Everybody, in place of what was known before; the answer is who is gone. */
  replace(infos: readonly MemberInfo[]): string[] {
    const names = new Set(infos.map(({ member }) => member));
    const gone = [...this.#known.keys()].filter(member => !names.has(member));
    gone.forEach(member => this.#forget(member));
    infos.forEach(info => this.#tell(info));
    return gone;
  }

  knows(member: string): boolean {
    return this.#known.has(member);
  }

  /** @returns whether there are fewer consumers in groups than before, and what was taken on them is others' */
  change(change: MemberChange): boolean {
    if ('left' in change) {
      this.#forget(change.left);
      return true;
    }
    const { member, consumers } = change.told;
    const before = this.#known.get(member)?.consumers ?? [];
    this.#tell(change.told);
    return before.some(consumer => !consumers.includes(consumer));
  }

  /**
   * Of each group that has subscribed to a topic, whose turn it is; `undefined` if there is no group.
   *
   * @param isOut a member that is not to be picked
   */
  pick(topic: string, isOut?: string): Readonly<Record<string, string>> | undefined {
    let candidates = this.#candidates.get(topic);
    if (!candidates) {
      candidates = this.#candidatesFor(topic);
      this.#candidates.set(topic, candidates);
    }
    if (candidates.size === 0) {
      return undefined;
    }
    const picks = [...candidates].flatMap(([key, all]) => {
      const members = isOut === undefined ? all : all.filter(member => member !== isOut);
      return members.length > 0 ? [[key, members[this.#turn(key) % members.length]!] as const] : [];
    });
    return Object.fromEntries(picks);
  }

  /** The patterns that somebody has subscribed to, and that a topic matches. */
  patternsFor(topic: string): string[] {
    const filters = [...this.#known.values()].flatMap(({ patterns }) =>
      patterns.filter(({ matches }) => matches(topic)).map(({ filter }) => filter),
    );
    return [...new Set(filters)];
  }

  #candidatesFor(topic: string): ReadonlyMap<string, readonly string[]> {
    const candidates = new Map<string, string[]>();
    for (const [member, { groups }] of this.#known) {
      for (const { key, matches } of groups) {
        if (matches(topic)) {
          candidates.set(key, [...(candidates.get(key) ?? []), member]);
        }
      }
    }
    return candidates;
  }

  #tell(info: MemberInfo): void {
    this.#candidates.clear();
    this.#known.set(info.member, {
      consumers: info.consumers,
      groups: info.groups.map(place => ({
        key: groupKey(place),
        matches: topicMatcher(place.filter),
      })),
      patterns: info.patterns.map(filter => ({ filter, matches: topicMatcher(filter) })),
    });
  }

  #forget(member: string): void {
    this.#candidates.clear();
    this.#known.delete(member);
  }

  /** Not all senders begin with the same one. */
  #turn(key: string): number {
    const turn = this.#turns.get(key) ?? Math.floor(Math.random() * 1_000);
    this.#turns.set(key, turn + 1);
    return turn;
  }
}
