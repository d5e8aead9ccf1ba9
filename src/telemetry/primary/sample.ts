import { isQuantile, type Point } from '../metrics.protocol.js';

/** An example of an observed value, in OpenMetrics. @internal */
export interface Exemplar {
  readonly labels: string;
  readonly value: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
}

/** One line of the text format, with the values of all workers. @internal */
export class Sample {
  /**
   * What all workers have counted, also those that have exited: of counters, and of the buckets, sums and counts of
   * histograms and summaries.
   */
  total = 0;
  /** The highest value that was shown, if it is not the total. */
  shown = 0;
  /** The number of workers that have declared it. */
  holders = 0;
  exemplar: Exemplar | undefined;
  readonly suffix: string;
  /** Its labels in the text format, with braces; empty without labels. */
  readonly labels: string;
  /** Its place in its group. */
  readonly place: number;
  /** Whether it is a quantile of a summary. */
  readonly isQuantile: boolean;

  /** @param row its place in the arrays of values */
  constructor(
    readonly point: Point,
    labels: string,
    readonly row: number,
  ) {
    const [suffix, label] = point;
    this.suffix = suffix;
    this.isQuantile = isQuantile(point);
    const all = label !== '' && labels !== '' ? `${label},${labels}` : label || labels;
    this.labels = all === '' ? '' : `{${all}}`;
    this.place = placeOf(point);
  }

  is([suffix, label]: Point): boolean {
    return this.point[0] === suffix && this.point[1] === label;
  }
}

/** Buckets and quantiles come in the order of their bounds, then the sum, then the count. */
function placeOf([suffix, label]: Point): number {
  if (suffix === '_sum') {
    return Infinity;
  }
  const bound = /^(?:le|quantile)="([^"]*)"$/.exec(label)?.[1];
  // Above every bound, and before the sum.
  return bound === '+Inf' ? Number.MAX_VALUE : suffix === '_count' ? Infinity : Number(bound ?? 0);
}
