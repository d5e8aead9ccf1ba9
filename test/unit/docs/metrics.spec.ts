import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as prom from 'prom-client';
import { parse } from 'yaml';
import { measureHttp } from '../../../src/metrics/collect/http-metrics.js';
import { measureWorker } from '../../../src/metrics/collect/worker-metrics.js';
import { EventLoopSampler } from '../../../src/runtime/vitals/event-loop-sampler.js';
import { Vitals } from '../../../src/runtime/vitals/vitals.js';
import { HostCounts } from '../../../src/telemetry/primary/host-counts.js';
import { hostMetrics } from '../../../src/telemetry/primary/host-metrics.js';
import { MetricStore } from '../../../src/telemetry/primary/metric-store.js';
import { readPage } from '../../support/docs/read-page.js';

const NO_LINE = [{ labels: '' }] as const;

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

const NO_STATUS = {
  pid: 1,
  uptime: 0,
  state: 'running',
  generation: 0,
  wanted: 1,
  ready: 1,
  hasStarted: true,
  discardedOutput: 0,
  stateMemory: { used: 0, limit: 0 },
  recentRestarts: 0,
  workers: [],
  spares: [],
} as const;

/** The metrics of the code: those of the primary, then those of a worker. */
function metricsOfCode(): Metric[] {
  const store = new MetricStore<never>();
  const worker = { slot: 0, state: 'ready', send: () => Promise.resolve() } as never;
  store.apply(worker, { type: 'metricsReport', values: [] }, 0);
  const host = { status: () => NO_STATUS, redelivered: () => 0 };
  const ofPrimary = hostMetrics({ host, counts: new HostCounts(), store, now: 0 }).map(
    ([{ name, type }, lines]) => {
      const [[line] = NO_LINE] = [...lines];
      const labels = [...line.labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      return { name, type, labels: labels.filter(label => label !== 'le') };
    },
  );
  const registry = new prom.Registry();
  const vitals = new Vitals(new EventLoopSampler(), () => 0);
  const stop = measureWorker(prom, [registry], {
    vitals,
    worker: { slot: 0, generation: 0, id: 1, pid: 1 },
  });
  measureHttp(prom, [registry]);
  stop();
  const metrics = registry.getMetricsAsArray() as unknown as (Omit<Metric, 'labels'> & {
    labelNames: readonly string[];
  })[];
  return [
    ...ofPrimary,
    ...metrics.map(({ name, type, labelNames }) => ({ name, type, labels: labelNames })),
  ];
}

const code = metricsOfCode();

/** The names of all samples. */
const samples = new Map(
  code.flatMap(({ name, type, labels }) =>
    type === 'histogram'
      ? ['_bucket', '_sum', '_count'].map(
          suffix => [name + suffix, suffix === '_bucket' ? ['le', ...labels] : labels] as const,
        )
      : [[name, labels] as const],
  ),
);

it('docs/metrics.md lists all metrics, with their types and labels', () => {
  const rows = [...readPage('metrics.md').matchAll(/^\| `(\w+)` +\| (\w+) +\| ([^|]*?) +\|/gm)];
  const listed = rows
    .filter(([, , type = '']) => ['gauge', 'counter', 'histogram'].includes(type))
    .map(([, name, type, labels = '']) => ({
      name,
      type,
      labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
    }));
  expect(listed.map(each => JSON.stringify(each)).toSorted()).toEqual(
    code.map(({ name, type, labels }) => JSON.stringify({ name, type, labels })).toSorted(),
  );
});

/** Labels that Prometheus adds. */
const OF_TARGET = ['instance', 'job', 'exported_job'];

describe.each([
  ['alert rules', 'prometheus-alerts.yaml', (text: string): unknown => parse(text)],
  ['dashboard', 'grafana-dashboard.json', (text: string): unknown => JSON.parse(text)],
])('the %s', (_, file, read) => {
  const text = readFileSync(new URL(`../../../observability/${file}`, import.meta.url), 'utf8');
  const expressions = expressionsOf(read(text));

  it('use metrics that exist, with labels that they have', () => {
    expect(expressions.length).toBeGreaterThan(8);
    for (const expression of expressions) {
      const used = [
        ...expression.matchAll(/\b((?:nestjs_cluster|http_server)_\w+)(?:\{([^}]*)\})?/g),
      ];
      expect([expression, used.length > 0]).toEqual([expression, true]);
      for (const [, name = '', selectors = ''] of used) {
        expect([expression, name, samples.has(name)]).toEqual([expression, name, true]);
        const labels = [...selectors.matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map(([, each]) => each!);
        const known = [...samples.get(name)!, ...OF_TARGET];
        expect([expression, labels.filter(label => !known.includes(label))]).toEqual([
          expression,
          [],
        ]);
      }
    }
  });
});

/** All values of `expr` and `query`. */
function expressionsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, content]) =>
    (key === 'expr' || key === 'query') && /_/.test(String(content))
      ? [String(content)]
      : expressionsOf(content),
  );
}
