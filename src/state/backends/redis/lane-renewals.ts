import { monotonicNow } from '../../../system/time/monotonic-now.js';
import { isRead } from '../../operation.js';
import type { Batch } from '../../state-executor.interface.js';

/** Milliseconds between two renewals of a lane's record; see memory.lua. */
const RENEWAL = 600_000;

/** More lanes than are in use at the same time. Abandoned lanes need no further renewal. */
const MAX_LANES = 4_096;

/**
 * The last renewal of each lane's record. Renewing the expiry with each batch would be the most expensive part of a
 * small one. Batches that only read have no record.
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

  /** Records that the lane was renewed with this batch. */
  done({ lane }: Pick<Batch, 'lane'>): void {
    this.#last.delete(lane);
    this.#last.set(lane, monotonicNow());
    if (this.#last.size > MAX_LANES) {
      this.#last.delete(this.#last.keys().next().value!);
    }
  }
}
