import { LastMinute } from '../../system/time/last-minute.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { Gap } from './gap.interface.js';

/**
 * Counts the events that the subscriptions of this process have missed.
 *
 * @internal
 */
export class LossCounter {
  #gaps = 0;
  #missed = 0;
  readonly #lately = new LastMinute(monotonicNow);

  /** Counts a gap of unknown size as one event. */
  add({ missed = 1 }: Gap): void {
    this.#gaps++;
    this.#missed += missed;
    this.#lately.add(missed);
  }

  get counts(): { readonly gaps: number; readonly missed: number; readonly missedLately: number } {
    return { gaps: this.#gaps, missed: this.#missed, missedLately: this.#lately.sum };
  }
}
