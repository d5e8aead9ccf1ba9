import { labelText, type Labels } from '../../telemetry/label-text.js';
import {
  type Aggregator,
  familyShape,
  isQuantile,
  type MetricType,
  type Point,
} from '../../telemetry/metrics.protocol.js';
import { encodeValue } from '../../telemetry/sample-value.js';
import { describeMismatch } from '../../validation/shape/describe-mismatch.js';
import type { ReportBuilder } from './report-builder.js';

/** An exemplar, as prom-client has it. @internal */
export interface PromExemplar {
  readonly labelSet: Labels;
  readonly value: number;
  readonly timestamp: number;
}

/** A value of a metric, as prom-client has it. @internal */
export interface PromValue {
  readonly value: number;
  readonly labels: Labels;
  /** The labels that all samples of a histogram have in common. */
  readonly sharedLabels?: Labels;
  readonly metricName?: string;
  readonly exemplar?: PromExemplar | null;
}

/** A metric of prom-client. Some members are not among its public types. @internal */
export interface PromMetric {
  readonly name: string;
  /** A text, unless the types were ignored. */
  readonly help: unknown;
  readonly type: MetricType;
  readonly aggregator: Aggregator;
  readonly labelNames?: readonly string[];
  /** Another object after `reset()`. */
  readonly hashMap?: object;
  get(): Promise<{ readonly values: readonly PromValue[] }>;
  getForPromString?(): Promise<{ readonly values: readonly PromValue[] }>;
}

/** What a metric had when it was read. @internal */
export interface Reading {
  readonly values: readonly PromValue[];
  readonly hashMap: object | undefined;
}

/** The samples with the same labels, and what was sent of them. */
interface ScannedGroup {
  readonly number: number;
  readonly firstSample: number;
  /** The last values, as prom-client had them. */
  readonly values: number[];
  /** What was counted before the metric was reset. */
  readonly offsets: number[];
  readonly exemplars: number[];
  seenIn: number;
}

/**
 * One metric of a registry: finds out what has changed in it.
 *
 * @internal
 */
export class ScannedMetric {
  /** Not read again: to write a counter for OpenMetrics, prom-client changes its name. */
  readonly #name: string;
  readonly #groups = new Map<string, ScannedGroup>();
  /** The texts of labels, as long as prom-client has the same object. */
  readonly #texts = new WeakMap<object, string>();
  #declared: { readonly number: number; readonly points: readonly Point[] } | undefined;
  #hashMap: object | undefined;
  #scan = 0;

  constructor(
    private readonly metric: PromMetric,
    /** The labels that its registry adds. */
    private readonly defaultLabels: Labels,
  ) {
    this.#name = metric.name;
  }

  get name(): string {
    return this.#name;
  }

  /** Reads the metric. Calls its `collect()`. */
  async read(): Promise<Reading> {
    const { metric } = this;
    // It has the same object for the labels that samples have in common, and makes fewer copies.
    const isShared = metric.type === 'histogram' && metric.getForPromString !== undefined;
    const { values } = await (isShared ? metric.getForPromString!() : metric.get());
    return { values, hashMap: metric.hashMap };
  }

  /**
   * Adds what has changed to a report.
   *
   * @throws Error if the metric is not one that Prometheus has
   */
  report({ values, hashMap }: Reading, report: ReportBuilder): void {
    const { type } = this.metric;
    const wasReset = this.#hashMap !== undefined && this.#hashMap !== hashMap;
    this.#hashMap = hashMap;
    this.#scan++;
    let seen = 0;
    if (values.length > 0) {
      const { number, points } = (this.#declared ??= this.#declare(values, report));
      for (let first = 0; first + points.length <= values.length; first += points.length) {
        const labels = this.#labelsOf(values[first + points.length - 1]!);
        let group = this.#groups.get(labels);
        if (!group) {
          group = newGroup(report.addGroup(number, labels, points.length), points.length);
          this.#groups.set(labels, group);
        } else if (type !== 'gauge' && (wasReset || hasRestarted(group, values, first))) {
          restart(group, points);
        }
        seen += group.seenIn === this.#scan ? 0 : 1;
        group.seenIn = this.#scan;
        this.#reportGroup(group, points, values, first, report);
      }
    }
    if (seen < this.#groups.size) {
      this.#removeUnseen(report);
    }
  }

  /** The metric is no longer in its registry. */
  remove(report: ReportBuilder): void {
    this.#groups.forEach(({ number }) => report.removeGroup(number));
    this.#groups.clear();
  }

  #declare(
    values: readonly PromValue[],
    report: ReportBuilder,
  ): { readonly number: number; readonly points: readonly Point[] } {
    const { help, type, aggregator } = this.metric;
    const points = pointsOf(type, this.#name, values);
    const family = { name: this.#name, help: String(help), type, aggregator, points };
    const mismatch = familyShape(family);
    if (mismatch) {
      throw new Error(`${describeMismatch(mismatch)}.`);
    }
    return { number: report.addFamily(family), points };
  }

  #labelsOf({ labels, sharedLabels = labels }: PromValue): string {
    let text = this.#texts.get(sharedLabels);
    if (text === undefined) {
      text = labelText({ ...this.defaultLabels, ...sharedLabels }, this.metric.labelNames);
      this.#texts.set(sharedLabels, text);
    }
    return text;
  }

  #reportGroup(
    group: ScannedGroup,
    points: readonly Point[],
    values: readonly PromValue[],
    first: number,
    report: ReportBuilder,
  ): void {
    for (let index = 0; index < points.length; index++) {
      const { value, exemplar } = values[first + index]!;
      if (!Object.is(group.values[index], value)) {
        group.values[index] = value;
        report.addValue(group.firstSample + index, encodeValue(value + group.offsets[index]!));
      }
      if (exemplar && exemplar.timestamp !== group.exemplars[index]) {
        group.exemplars[index] = exemplar.timestamp;
        const { labelSet, timestamp } = exemplar;
        const sample = group.firstSample + index;
        report.addExemplar([sample, labelText(labelSet), exemplar.value, timestamp]);
      }
    }
  }

  #removeUnseen(report: ReportBuilder): void {
    for (const [labels, { seenIn, number }] of this.#groups) {
      if (seenIn !== this.#scan) {
        report.removeGroup(number);
        this.#groups.delete(labels);
      }
    }
  }
}

function newGroup(
  { number, firstSample }: { readonly number: number; readonly firstSample: number },
  size: number,
): ScannedGroup {
  return {
    number,
    firstSample,
    // No value of a metric, so that each of them is new.
    values: Array.from({ length: size }, () => -Infinity),
    offsets: Array.from({ length: size }, () => 0),
    exemplars: [],
    seenIn: 0,
  };
}

/**
 * Whether a counter, or the count of a histogram or summary, is lower than before. A summary that was reset may have
 * counted as much as before: then its sum is another one.
 */
function hasRestarted({ values }: ScannedGroup, now: readonly PromValue[], first: number): boolean {
  const last = values.length - 1;
  const count = now[first + last]!.value;
  return (
    count < values[last]! ||
    (last > 0 && count === values[last] && now[first + last - 1]!.value !== values[last - 1])
  );
}

/** What was counted before stays counted. Quantiles are no counts. */
function restart({ values, offsets }: ScannedGroup, points: readonly Point[]): void {
  for (const [index, point] of points.entries()) {
    if (!isQuantile(point)) {
      offsets[index] = offsets[index]! + values[index]!;
      values[index] = 0;
    }
  }
}

/** Returns the samples of each group. The count comes last. */
function pointsOf(type: MetricType, name: string, values: readonly PromValue[]): readonly Point[] {
  if (type !== 'histogram' && type !== 'summary') {
    return [['', '']];
  }
  const size = values.findIndex(({ metricName }) => metricName === `${name}_count`) + 1;
  if (size === 0) {
    throw new Error(`It has no value ${name}_count.`);
  }
  return values.slice(0, size).map(({ metricName = name, labels }): Point => {
    const own = type === 'histogram' ? 'le' : 'quantile';
    const isOwn = metricName === name || metricName === `${name}_bucket`;
    const label = isOwn && labels[own] !== undefined ? labelText({ [own]: labels[own] }) : '';
    return [metricName.slice(name.length), label];
  });
}
