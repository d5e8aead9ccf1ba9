import type { Logger } from '@nestjs/common';
import { StateInputError } from '../../model/errors/state-input.error.js';
import { checkName, LEADER_RULES, stateInput } from '../state.validation.js';
import { Leader, type LeaderOptions } from './leader.js';
import { DEFAULT_LEASE, type Locks } from './locks.js';

/**
 * The leader elections that this worker has joined. It resigns from all of them when it drains.
 *
 * @internal
 */
export class Elections {
  /** The candidate of this worker in each election. */
  readonly #leaders = new Map<string, Leader>();
  #isClosed = false;

  constructor(
    private readonly locks: Locks,
    private readonly drainSignal: AbortSignal,
    private readonly logger: Pick<Logger, 'error'>,
  ) {
    drainSignal.addEventListener('abort', this.#retire);
  }

  /**
   * Returns the candidate of this worker: the same one in every call for a name.
   *
   * @throws StateInputError for an invalid name or option, or if the election is known with another lease
   */
  join(name: string, options: LeaderOptions): Leader {
    checkName(name, 'The name of a leader');
    const known = this.#leaders.get(name);
    const { lease = known?.lease ?? DEFAULT_LEASE } = stateInput.options(
      LEADER_RULES,
      'the leader',
      name,
      options,
    );
    if (known && known.lease !== lease) {
      throw new StateInputError(
        name,
        `The leader "${name}" already has a lease of ${known.lease} ms, not ${lease} ms. Use the same lease in every call.`,
      );
    }
    const leader = known ?? new Leader(this.locks, name, lease, this.logger);
    this.#leaders.set(name, leader);
    if (this.drainSignal.aborted || this.#isClosed) {
      void leader.retire();
    }
    return leader;
  }

  /** Resigns from all elections, and from those that are joined later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.drainSignal.removeEventListener('abort', this.#retire);
    await Promise.all([...this.#leaders.values()].map(leader => leader.retire()));
  }

  readonly #retire = (): void => this.#leaders.forEach(leader => void leader.retire());
}
