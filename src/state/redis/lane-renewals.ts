import { monotonicNow } from '../../process/monotonic-now.js';
import type { Batch } from '../state-executor.interface.js';

/** How often it is said again how long a lane is to be remembered, in milliseconds; see memory.lua. */
const RENEWAL = 600_000;

/**
 * When it was last said how long the lane of a partition is to be remembered: saying it with each batch
 * would be the most expensive part of a small one.
 *
 * @internal
 */
export class LaneRenewals {
  readonly #last = new Map<number, { readonly lane: string; readonly at: number }>();

  dueFor({ partition, lane }: Batch): boolean {
    const last = this.#last.get(partition);
    return last?.lane !== lane || monotonicNow() - last.at > RENEWAL;
  }

  done({ partition, lane }: Batch): void {
    this.#last.set(partition, { lane, at: monotonicNow() });
  }
}
