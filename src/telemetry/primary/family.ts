import type { Aggregator, FamilyDeclaration, MetricType } from '../metrics.protocol.js';
import { aggregate } from './aggregate.js';
import type { Group } from './group.js';
import type { Sample } from './sample.js';
import type { WorkerValues } from './worker-values.js';

/** A metric with all its groups. @internal */
export class Family {
  readonly name: string;
  readonly type: MetricType;
  help: string;
  aggregator: Aggregator;
  /** By their labels. */
  readonly groups = new Map<string, Group>();

  constructor({ name, type, help, aggregator }: FamilyDeclaration) {
    this.name = name;
    this.type = type;
    this.help = help;
    this.aggregator = aggregator;
  }

  /** Whether the values of the sample only grow, and those of exited workers remain. */
  isCumulative(sample: Sample): boolean {
    return this.type !== 'gauge' && !sample.isQuantile;
  }

  /**
   * Returns the value of a sample for the host; `undefined` if there is none.
   *
   * @param workers in the order in which `first` prefers them
   */
  valueOf(sample: Sample, workers: readonly WorkerValues[]): number | undefined {
    const { aggregator } = this;
    if (aggregator === 'omit') {
      return undefined;
    }
    const isCumulative = this.isCumulative(sample);
    if (isCumulative && aggregator === 'sum') {
      return sample.total;
    }
    // Quantiles cannot be added: the worst worker counts.
    const how = sample.isQuantile && aggregator === 'sum' ? 'max' : aggregator;
    const value = aggregate(how, sample, workers);
    if (!isCumulative) {
      return value;
    }
    // The workers from which the value came may have exited, and a counter must not decrease.
    sample.shown = Math.max(sample.shown, value ?? 0);
    return sample.shown;
  }
}
