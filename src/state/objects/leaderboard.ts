import { whole } from '../../validation/rules.js';
import { checkFinite, checkName, checkWhole } from '../state.validation.js';
import type { StateClient } from '../client/state-client.js';
import { perform } from './perform.js';

const A_LEADERBOARD = 'a leaderboard';

const TOP = whole(1, 100_000);

/** A member and its score. @publicApi */
export interface LeaderboardEntry {
  /** The name of the member. */
  readonly member: string;
  /** Its score. */
  readonly score: number;
}

/**
 * Members ordered by score, highest first. Members with equal scores are ordered by name, greatest first.
 *
 * Each method may throw `StateInputError`, `StateTypeError`, `StateUnavailableError` or, if it changes the
 * leaderboard, `AmbiguousResultError` or `StateFullError`.
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

  /** Sets the score of a member. */
  async add(member: string, score: number): Promise<void> {
    checkName(member, 'A member');
    checkFinite(`${this.name}.${member}`, 'The score of', score);
    await perform(this.client, A_LEADERBOARD, { name: 'scoreSet', key: this.name, member, score });
  }

  /**
   * Adds to the score of a member. A new member starts at 0.
   *
   * @returns the new score
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

  /** Removes a member. @returns whether it existed */
  async remove(member: string): Promise<boolean> {
    checkName(member, 'A member');
    return perform(this.client, A_LEADERBOARD, { name: 'scoreRemove', key: this.name, member });
  }

  /** Returns the score of a member; `undefined` if the member does not exist. */
  async score(member: string): Promise<number | undefined> {
    checkName(member, 'A member');
    const operation = { name: 'scoreGet', key: this.name, member } as const;
    return (await perform(this.client, A_LEADERBOARD, operation)) ?? undefined;
  }

  /** Returns the number of members before this one, 0 for the first; `undefined` if the member does not exist. */
  async rank(member: string): Promise<number | undefined> {
    checkName(member, 'A member');
    const operation = { name: 'scoreRank', key: this.name, member } as const;
    return (await perform(this.client, A_LEADERBOARD, operation)) ?? undefined;
  }

  /** Returns the first members, in order. */
  async top(count = 10): Promise<LeaderboardEntry[]> {
    checkWhole(this.name, 'The length of the top of', count, TOP);
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
