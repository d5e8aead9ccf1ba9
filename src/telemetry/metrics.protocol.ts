import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import {
  boolean,
  enumeration,
  integer,
  literal,
  matching,
  number,
  text,
} from '../validation/shape/scalars.js';
import { list, object, optional, tuple } from '../validation/shape/structures.js';
import { mismatch, type Shape } from '../validation/shape/shape.js';

/** The types of metrics of Prometheus. @internal */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** How the values of several workers become one value. @internal */
export type Aggregator = 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit';

/**
 * One sample of each group of a family: the suffix of its name, and the label that only this sample has, as in
 * `['_bucket', 'le="0.1"']`. Both are empty for counters and gauges.
 *
 * @internal
 */
export type Point = readonly [suffix: string, label: string];

/** Whether it is a quantile of a summary. @internal */
export function isQuantile([, label]: Point): boolean {
  return label.startsWith('quantile=');
}

/** A metric with a name. @internal */
export interface FamilyDeclaration {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly aggregator: Aggregator;
  readonly points: readonly Point[];
}

/** A finite number, or the text of another one, which JSON cannot represent. @internal */
export type SampleValue = number | 'NaN' | '+Inf' | '-Inf';

/**
 * The newest exemplar of a sample: labels in the text format, its value, and its time in seconds since the epoch.
 *
 * @internal
 */
export type ExemplarReport = readonly [
  sample: number,
  labels: string,
  value: number,
  timestamp: number,
];

/**
 * What has changed in the metrics of a worker since its last report. Families, groups and samples are numbered from 0 in
 * the order in which the worker declares them; a group has one sample for each point of its family.
 *
 * @internal
 */
export interface MetricsReport {
  readonly type: 'metricsReport';
  readonly families?: readonly FamilyDeclaration[];
  /** New groups: the number of the family, and the labels in the text format, without braces. */
  readonly groups?: readonly (readonly [family: number, labels: string])[];
  /** The numbers of groups that no longer exist. */
  readonly removed?: readonly number[];
  /** The numbers of samples, each followed by its value. Those of counters and histograms never decrease. */
  readonly values: readonly SampleValue[];
  readonly exemplars?: readonly ExemplarReport[];
}

/** @internal */
export type MetricsToPrimary =
  | MetricsReport
  /** In single mode: the application has closed. */
  | { readonly type: 'metricsClosed' };

/** Where the primary itself answers. @internal */
export interface MetricsAddress {
  readonly port: number;
  /** The address of the interface; by default all interfaces. */
  readonly host?: string;
  readonly path: string;
}

/** @internal */
export interface MetricsQuestions {
  /** The metrics of the host in the text format of Prometheus or of OpenMetrics. */
  readonly metricsText: {
    readonly params: { readonly openMetrics: boolean };
    readonly answer: string;
  };
  /** Opens the port; answered with the reason if it cannot be opened. */
  readonly metricsPort: {
    readonly params: MetricsAddress;
    readonly answer: { readonly why?: string };
  };
}

/** @internal */
export type MetricsProtocol = FeatureProtocol<MetricsToPrimary, never, MetricsQuestions>;

/** @internal */
export type MetricsChannel = FeatureChannel<MetricsToPrimary, MetricsQuestions>;

const count = integer({ min: 0 });

const line = matching(/^[^\n]*$/, 'a text of one line');

const pointShape: Shape<Point> = tuple<Point>(line, line);

const valuesShape: Shape<readonly SampleValue[]> = value => {
  if (!Array.isArray(value) || value.length % 2 === 1) {
    return mismatch('a list of pairs', value);
  }
  for (let index = 0; index < value.length; index += 2) {
    const sample: unknown = value[index];
    if (!Number.isSafeInteger(sample) || (sample as number) < 0 || !isValue(value[index + 1])) {
      return mismatch('the number of a sample and its value', sample);
    }
  }
  return undefined;
};

function isValue(value: unknown): boolean {
  return Number.isFinite(value) || value === 'NaN' || value === '+Inf' || value === '-Inf';
}

/** @internal */
export const familyShape = object<FamilyDeclaration>({
  name: matching(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, 'the name of a metric'),
  help: text(),
  type: enumeration<MetricType>({ counter: true, gauge: true, histogram: true, summary: true }),
  aggregator: enumeration<Aggregator>({
    sum: true,
    first: true,
    min: true,
    max: true,
    average: true,
    omit: true,
  }),
  points: list(pointShape),
});

/** @internal */
export const metricsProtocol: MetricsProtocol = {
  toPrimary: {
    metricsReport: object<MetricsReport>({
      type: literal('metricsReport'),
      families: optional(list(familyShape)),
      groups: optional(list(tuple<readonly [number, string]>(count, line))),
      removed: optional(list(count)),
      values: valuesShape,
      exemplars: optional(list(tuple<ExemplarReport>(count, line, number(), number()))),
    }),
    metricsClosed: object<{ type: 'metricsClosed' }>({ type: literal('metricsClosed') }),
  },
  toWorker: {},
  questions: {
    metricsText: {
      params: object<{ openMetrics: boolean }>({ openMetrics: boolean }),
      answer: text(),
    },
    metricsPort: {
      params: object<MetricsAddress>({
        port: integer({ min: 0, max: 65_535 }),
        host: optional(text()),
        path: text(),
      }),
      answer: object<{ why?: string }>({ why: optional(text()) }),
    },
  },
};
