import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Counter, Gauge, Histogram, type Metric, register, Registry } from 'prom-client';
import { RegistryScan } from '../../../src/metrics/collect/registry-scan.js';
import { deferred } from '../../../src/system/async/deferred.js';
import { MetricStore } from '../../../src/telemetry/primary/metric-store.js';
import { samplesOf } from '../../support/metrics-samples.js';
import { ReportingWorker, textOf } from '../../support/metrics.js';

const store = new MetricStore();

const comments = (lines: string): string[] => lines.match(/^# .*$/gm) ?? [];

const sorted = (lines: string): [string, number][] =>
  [...samplesOf(lines)].map(([name, value]) => [
    name.replace(/\{(.*)\}/, (_, labels: string) =>
      labels
        .split(/,(?=\w+=)/)
        .toSorted()
        .join(),
    ),
    value,
  ]);

describe('a scan', () => {
  it('shows the metrics of one worker as prom-client does', async () => {
    const worker = new ReportingWorker(new MetricStore());
    const registers = [worker.registry];
    worker.registry.setDefaultLabels({ app: 'cats', z: 'default' });
    const labelNames = ['z', 'a'];
    const gauge = new Gauge({ name: 'g', help: 'A "gauge"\nwith \\ lines', labelNames, registers });
    gauge.set({ a: 'quote " backslash \\ line\n', z: 'own' }, 1.5);
    gauge.set({ z: 7 }, -2e-9);
    new Counter({ name: 'c_total', help: 'h', registers }).inc(3);
    new Histogram({ name: 'h', help: 'h', buckets: [0.1, 1], registers }).observe(0.5);
    const own = new MetricStore();
    const scan = new RegistryScan({ warn: () => {} });
    scan.add(worker.registry);
    for (const report of await scan.changes()) {
      own.apply(worker, report, 0);
    }
    const text = textOf(own);
    const theirs = await worker.registry.metrics();
    expect(comments(text)).toEqual(comments(theirs));
    expect(Object.fromEntries(sorted(text))).toEqual(Object.fromEntries(sorted(theirs)));
  });

  it('keeps the name of a counter that prom-client has changed', async () => {
    const worker = new ReportingWorker(store);
    const registry = new Registry();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    worker.scan.add(registry);
    const counter = new Counter({ name: 'kept_total', help: 'h', registers: [registry] });
    counter.inc();
    await worker.report();
    await registry.metrics();
    counter.inc();
    await worker.report();
    expect(samplesOf(textOf(store)).get('kept_total')).toBe(2);
  });

  it('keeps the last values of metrics that fail or hang, and logs each once', async () => {
    const worker = new ReportingWorker(new MetricStore());
    const registers = [worker.registry];
    let turn = 0;
    let calls = 0;
    new Gauge({
      name: 'failing',
      help: 'h',
      registers,
      collect() {
        if (turn > 0) {
          throw new Error('No database.');
        }
        this.set(1);
      },
    }).set(0);
    new Gauge({
      name: 'hanging',
      help: 'h',
      registers,
      async collect() {
        calls++;
        await (turn > 0 && new Promise(() => {}));
      },
    }).set(2);
    const well = new Gauge({ name: 'well', help: 'h', registers });
    for (turn = 0; turn < 3; turn++) {
      well.set(turn);
      await worker.report();
    }
    expect(worker.reports.at(-1)?.values).toEqual([2, 2]);
    expect(worker.warnings).toEqual([
      'The metric failing could not be collected, and keeps its last values; this is logged once: No database.',
      'The metric hanging was not collected within 20 ms. It keeps its last values until it is collected; this is logged once.',
    ]);
    // It is not called again before it has ended.
    expect(calls).toBe(2);
  });

  it('reports the values of a slow metric later', async () => {
    const worker = new ReportingWorker(new MetricStore());
    const gates = [deferred(), deferred()];
    let turn = 0;
    const rows = new Gauge({
      name: 'rows',
      help: 'h',
      registers: [],
      async collect() {
        const now = turn++;
        await gates[now]!.promise;
        this.set(now + 5);
      },
    });
    worker.registry.registerMetric(rows);
    await worker.report();
    gates[0]!.resolve();
    await nextTurn();
    await worker.report();
    expect(worker.reports.at(-1)?.values).toEqual([0, 5]);
    await worker.report();
    gates[1]!.resolve();
    await nextTurn();
    await worker.report();
    expect(worker.reports.at(-1)?.values).toEqual([0, 6]);
  });

  it.each<[object, string]>([
    [{ type: 'untyped' }, '"type" should be "counter" or'],
    [{ aggregator: 'avg' }, '"aggregator" should be'],
    [{ type: 'histogram' }, 'It has no value odd_count.'],
    [{ name: 'o d' }, '"name" should be the name of a metric'],
    [{ values: [{ value: 1 }] }, ''],
    [{ values: [{ value: 1, labels: { 'a\nb': 1 } }] }, 'The name of a label has a line break.'],
  ])('names a metric of %j, and reports the others', async (given, why) => {
    const worker = new ReportingWorker(new MetricStore());
    const values = [{ value: 1, labels: {} }];
    const metric = { name: 'odd', help: 'h', type: 'gauge', aggregator: 'sum', values, ...given };
    const odd = { ...metric, get: () => Promise.resolve(metric) };
    worker.registry.registerMetric(odd as unknown as Metric);
    const well = new Gauge({ name: 'well', help: 5 as never, registers: [worker.registry] });
    for (const value of [1, 2]) {
      well.set(value);
      await worker.report();
      expect(worker.reports.at(-1)?.values.at(-1)).toBe(value);
    }
    expect(worker.warnings).toEqual([
      expect.stringContaining(
        `The metric ${metric.name} could not be collected, and keeps its last values; this is logged once: ${why}`,
      ),
    ]);
  });

  it('declares a metric that is registered anew only if it is another one', async () => {
    const shown = new MetricStore();
    const worker = new ReportingWorker(shown);
    const families: unknown[] = [];
    for (const help of ['a', 'a', 'b', 'a']) {
      worker.registry.clear();
      new Gauge({ name: 'g', help, registers: [worker.registry] }).set(families.length);
      await worker.report();
      families.push(worker.reports.at(-1)?.families?.map(family => family.help));
      expect(textOf(shown)).toBe(`# HELP g ${help}\n# TYPE g gauge\ng ${families.length - 1}\n`);
    }
    expect(families).toEqual([['a'], undefined, ['b'], ['a']]);
  });

  it('keeps the metrics of a registry that cannot be read', async () => {
    const shown = new MetricStore();
    const worker = new ReportingWorker(shown);
    const well = new Gauge({ name: 'well', help: 'h', registers: [worker.registry] });
    const broken = new Registry();
    const gauge = new Gauge({ name: 'g', help: 'h', registers: [broken] });
    worker.scan.add(broken);
    gauge.set(1);
    await worker.report();
    vi.spyOn(broken, 'getMetricsAsArray').mockImplementation(() => {
      throw new Error('No list.');
    });
    for (const value of [2, 3]) {
      gauge.set(value);
      well.set(value);
      await worker.report();
      expect(Object.fromEntries(samplesOf(textOf(shown)))).toEqual({ g: value, well: value });
    }
    expect(worker.warnings).toEqual([
      'A registry of metrics could not be read, and keeps the metrics that it had; this is logged once: No list.',
    ]);
  });

  it('sends many series in several reports', async () => {
    const worker = new ReportingWorker(new MetricStore());
    const registers = [worker.registry];
    const counter = new Counter({ name: 'c', help: 'h', labelNames: ['l'], registers });
    for (let series = 0; series < 5_000; series++) {
      counter.inc({ l: series });
    }
    await worker.report();
    expect(worker.reports.length).toBeGreaterThan(2);
    counter.inc({ l: 4_999 }, 5);
    await worker.report();
    expect(worker.reports.at(-1)?.values).toEqual([4_999, 6]);
  });
});

it('leaves the default registry alone', () => {
  expect(register.getMetricsAsArray()).toEqual([]);
});
