import { groupKey, type MemberInfo } from './bus-member.interface.js';
import type { MemberChange } from './member-change.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import { topicMatcher } from '../topic-filter.js';

type TopicMatcher = ReturnType<typeof topicMatcher>;

/** The maximum number of cached topics; beyond it, the least recently used ones are dropped. */
const MAX_TOPICS = 1_000;

interface KnownGroup {
  readonly key: string;
  readonly matches: TopicMatcher;
  readonly isDurable: boolean;
}

/** The members of a group that subscribe to a topic. */
interface Candidates {
  /** Those that get an event only if the publisher selects them. */
  readonly plain: string[];
  /** Whether others read the stored events. */
  hasDurable: boolean;
}

interface Known {
  readonly consumers: readonly string[];
  readonly groups: readonly KnownGroup[];
  readonly patterns: readonly { readonly filter: string; readonly matches: TopicMatcher }[];
}

/**
 * The members of the bus that this member knows.
 *
 * @internal
 */
export class MemberDirectory {
  readonly #known = new Map<string, Known>();
  /** Cache: the candidates of each group, by topic. Cleared by each change. */
  readonly #candidates = new RecentMap<string, ReadonlyMap<string, Candidates>>(MAX_TOPICS);
  /** The position of the round-robin in each group. */
  readonly #turns = new Map<string, number>();

  /** @param onPatterns called when this member has learned the patterns of a member */
  constructor(
    private readonly onPatterns: (member: string, patterns: readonly string[]) => void = () => {},
  ) {}

  get names(): string[] {
    return [...this.#known.keys()];
  }

  /** Replaces the list of members. @returns the names of those that are gone */
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

  /** Applies a change. @returns whether consumers of groups were given up, so that their events must be inherited */
  change(change: MemberChange): boolean {
    if ('left' in change) {
      change.left.forEach(member => this.#forget(member));
      return true;
    }
    const { member, consumers } = change.told;
    const before = this.#known.get(member)?.consumers ?? [];
    this.#tell(change.told);
    return before.some(consumer => !consumers.includes(consumer));
  }

  /**
   * Selects the next member of each group that subscribes to a topic; `undefined` if no group does. Members that read
   * the stored events are not selected. In a rolling deploy, a group may have members of both kinds: those then handle
   * its stored events, and the others the rest.
   *
   * @param isStored whether the backend stores the event
   * @param except the name of a member that is not selected
   */
  pick(
    topic: string,
    isStored: boolean,
    except?: string,
  ): Readonly<Record<string, string>> | undefined {
    let candidates = this.#candidates.get(topic);
    if (!candidates) {
      candidates = this.#candidatesFor(topic);
      this.#candidates.set(topic, candidates);
    }
    if (candidates.size === 0) {
      return undefined;
    }
    const picks = [...candidates].flatMap(([key, { plain, hasDurable }]) => {
      const all = isStored && hasDurable ? [] : plain;
      const members = except === undefined ? all : all.filter(member => member !== except);
      return members.length > 0 ? [[key, members[this.#turn(key) % members.length]!] as const] : [];
    });
    return Object.fromEntries(picks);
  }

  /** Returns the patterns with subscribers that a topic matches. */
  patternsFor(topic: string): string[] {
    const filters = [...this.#known.values()].flatMap(({ patterns }) =>
      patterns.filter(({ matches }) => matches(topic)).map(({ filter }) => filter),
    );
    return [...new Set(filters)];
  }

  #candidatesFor(topic: string): ReadonlyMap<string, Candidates> {
    const candidates = new Map<string, Candidates>();
    for (const [member, { groups }] of this.#known) {
      for (const { key, isDurable } of groups.filter(({ matches }) => matches(topic))) {
        const all = candidates.get(key) ?? { plain: [], hasDurable: false };
        candidates.set(key, all);
        if (isDurable) {
          all.hasDurable = true;
        } else {
          all.plain.push(member);
        }
      }
    }
    return candidates;
  }

  #tell(info: MemberInfo): void {
    this.#candidates.clear();
    const before = this.#known.get(info.member)?.patterns.map(({ filter }) => filter) ?? [];
    this.#known.set(info.member, {
      consumers: info.consumers,
      groups: info.groups.map(place => ({
        key: groupKey(place),
        matches: topicMatcher(place.filter),
        isDurable: place.isDurable ?? false,
      })),
      patterns: info.patterns.map(filter => ({ filter, matches: topicMatcher(filter) })),
    });
    if (before.join(' ') !== info.patterns.join(' ')) {
      this.onPatterns(info.member, info.patterns);
    }
  }

  #forget(member: string): void {
    this.#candidates.clear();
    this.#known.delete(member);
  }

  /** Starts at a random position, so that not all publishers begin with the same member. */
  #turn(key: string): number {
    const turn = this.#turns.get(key) ?? Math.floor(Math.random() * 1_000);
    this.#turns.set(key, turn + 1);
    return turn;
  }
}
