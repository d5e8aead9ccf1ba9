import { checkFinite, checkName, checkWhole } from '../state.validation.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

const A_LEADERBOARD = 'a leaderboard';

/** A member and its score. @publicApi */
export interface LeaderboardEntry {
  /** The name of the member. */
  readonly member: string;
  /** Its score. */
  readonly score: number;
}

/**
 * Members in the order of their scores, the highest first; of equal ones, the greater name first.
 *
 * Each of its methods may throw `StateInputError`, `StateTypeError`, `StateUnavailableError` or, if it
 * changes something, `AmbiguousResultError`.
 *
 * @publicApi
 */
export class Leaderboard {
  /** @internal */
  constructor(
    private readonly client: StateClient,
    /** The name of the leaderboard. */
    readonly name: string,
  ) {
    checkName(name, 'The name of a leaderboard');
  }

  /** Gives a member a score, whatever it had before. */
  async add(member: string, score: number): Promise<void> {
    checkName(member, 'A member');
    checkFinite(`${this.name}.${member}`, 'The score of', score);
    await perform(this.client, A_LEADERBOARD, { name: 'scoreSet', key: this.name, member, score });
  }

  /**
   * Adds to the score of a member; one that is not there starts at 0.
   *
   * @returns its new score
   */
  async increment(member: string, by = 1): Promise<number> {
    checkName(member, 'A member');
    checkFinite(`${this.name}.${member}`, 'An increment of', by);
    return perform(this.client, A_LEADERBOARD, {
      name: 'scoreIncrement',
      key: this.name,
      member,
      by,
    });
  }

  /** @returns whether it was there */
  async remove(member: string): Promise<boolean> {
    checkName(member, 'A member');
    return perform(this.client, A_LEADERBOARD, { name: 'scoreRemove', key: this.name, member });
  }

  /** Returns the score of a member; `undefined` if it is not there. */
  async score(member: string): Promise<number | undefined> {
    checkName(member, 'A member');
    const operation = { name: 'scoreGet', key: this.name, member } as const;
    return (await perform(this.client, A_LEADERBOARD, operation)) ?? undefined;
  }

  /** How many stand before it: 0 for the first. */
  async rank(member: string): Promise<number | undefined> {
    checkName(member, 'A member');
    const operation = { name: 'scoreRank', key: this.name, member } as const;
    return (await perform(this.client, A_LEADERBOARD, operation)) ?? undefined;
  }

  /** The first of all, in order. */
  async top(count = 10): Promise<LeaderboardEntry[]> {
    checkWhole(this.name, 'The length of the top of', count, 1, 100_000);
    const top = await perform(this.client, A_LEADERBOARD, {
      name: 'scoreTop',
      key: this.name,
      count,
    });
    return top.map(([member, score]) => ({ member, score }));
  }

  /** Returns the number of members. */
  async size(): Promise<number> {
    return perform(this.client, A_LEADERBOARD, { name: 'scoreSize', key: this.name });
  }
}
