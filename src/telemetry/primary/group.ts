import type { Point } from '../metrics.protocol.js';
import { Sample } from './sample.js';

/**
 * The samples of a family that have the same labels: one for a counter or a gauge, several for a histogram or a
 * summary.
 *
 * @internal
 */
export class Group {
  readonly samples: Sample[] = [];

  /** @param labels in the text format, without braces */
  constructor(readonly labels: string) {}

  /** Whether a worker that runs has any of the samples. */
  get isHeld(): boolean {
    return this.samples.some(({ holders }) => holders > 0);
  }

  find(point: Point): Sample | undefined {
    return this.samples.find(sample => sample.is(point));
  }

  /**
   * Adds a sample in its place. If the group already has buckets, a new one between them begins with the total of the next
   * lower one: a reload has changed the bounds, and of what was counted before, at least this much belongs to it.
   */
  add(point: Point, row: number): Sample {
    const added = new Sample(point, this.labels, row);
    if (added.suffix === '_bucket') {
      const lower = this.samples.findLast(
        ({ suffix, place }) => suffix === '_bucket' && place < added.place,
      );
      added.total = lower?.total ?? 0;
    }
    this.samples.push(added);
    this.samples.sort(compare);
    return added;
  }
}

/** `Infinity` is the place of the sum and of the count: the sum comes first. */
function compare(one: Sample, other: Sample): number {
  return one.place === other.place
    ? Number(one.suffix === '_count') - Number(other.suffix === '_count')
    : one.place - other.place;
}
