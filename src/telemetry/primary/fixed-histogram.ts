import { valueText } from '../sample-value.js';
import type { Line } from './text-format.js';

/**
 * A histogram of the primary itself.
 *
 * @internal
 */
export class FixedHistogram {
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /**
   * @param bounds the upper bounds of the buckets, ascending
   * @param label of all samples, in the text format
   */
  constructor(
    private readonly bounds: readonly number[],
    private readonly label = '',
  ) {
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const place = this.bounds.findIndex(bound => value <= bound);
    if (place >= 0) {
      this.#counts[place]!++;
    }
  }

  *lines(): Generator<readonly [Line, number]> {
    const { label } = this;
    const comma = label === '' ? '' : ',';
    let below = 0;
    for (const [place, bound] of this.bounds.entries()) {
      below += this.#counts[place]!;
      yield [bucket(valueText(bound)), below];
    }
    yield [bucket('+Inf'), this.#count];
    const labels = label === '' ? '' : `{${label}}`;
    yield [{ suffix: '_sum', labels }, this.#sum];
    yield [{ suffix: '_count', labels }, this.#count];

    function bucket(bound: string): Line {
      return { suffix: '_bucket', labels: `{le="${bound}"${comma}${label}}` };
    }
  }
}
