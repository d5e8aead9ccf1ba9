import type { Aggregator } from '../metrics.protocol.js';
import type { Sample } from './sample.js';
import type { WorkerValues } from './worker-values.js';

/**
 * Returns one value for the values that several workers have of a sample; `undefined` if none has one. Makes no list of
 * them: there may be a hundred thousand.
 *
 * @param workers in the order in which `first` prefers them
 * @internal
 */
export function aggregate(
  aggregator: Exclude<Aggregator, 'omit'>,
  sample: Sample,
  workers: readonly WorkerValues[],
): number | undefined {
  let result: number | undefined;
  let count = 0;
  const combine = COMBINE[aggregator];
  for (const worker of workers) {
    if (worker.has(sample)) {
      const value = worker.get(sample);
      result = result === undefined ? value : combine(result, value);
      count++;
    }
  }
  return aggregator === 'average' && result !== undefined ? result / count : result;
}

const add = (one: number, other: number): number => one + other;

const COMBINE: Readonly<
  Record<Exclude<Aggregator, 'omit'>, (one: number, other: number) => number>
> = {
  sum: add,
  average: add,
  first: one => one,
  min: Math.min,
  max: Math.max,
};
