import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { isRead } from '../../operation.js';
import type { Batch } from '../../state-executor.interface.js';

/** How often it is said again how long a lane is to be remembered, in milliseconds; see memory.lua. */
const RENEWAL = 600_000;

/** More lanes than are in use at a time: those that were given up need no further renewal. */
const MAX_LANES = 4_096;

/**
 * When it was last said how long each lane is to be remembered: saying it with each batch would be the
 * most expensive part of a small one. Of batches that only read, nothing is remembered.
 *
 * @internal
 */
export class LaneRenewals {
  readonly #last = new Map<string, number>();

  isDue({ lane, operations }: Pick<Batch, 'lane' | 'operations'>): boolean {
    const last = this.#last.get(lane);
    return (
      (last === undefined || monotonicNow() - last > RENEWAL) &&
      !operations.every(each => isRead(each))
    );
  }

  /** It was said, with a batch for which it was due. */
  done({ lane }: Pick<Batch, 'lane'>): void {
    this.#last.delete(lane);
    this.#last.set(lane, monotonicNow());
    if (this.#last.size > MAX_LANES) {
      this.#last.delete(this.#last.keys().next().value!);
    }
  }
}
