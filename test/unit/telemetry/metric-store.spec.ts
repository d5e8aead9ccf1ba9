import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Aggregator, Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { Group } from '../../../src/telemetry/primary/group.js';
import { MetricStore } from '../../../src/telemetry/primary/metric-store.js';
import { samplesOf } from '../../support/metrics-samples.js';
import { ReportingWorker, textOf } from '../../support/metrics.js';

let store: MetricStore;
let one: ReportingWorker;
let other: ReportingWorker;

beforeEach(() => {
  store = new MetricStore();
  [one, other] = [new ReportingWorker(store), new ReportingWorker(store)];
});

const allSamples = (): unknown => Object.fromEntries(samplesOf(textOf(store)));

const value = (name: string): number | undefined => samplesOf(textOf(store)).get(name);

function counterOf({ registry }: ReportingWorker, aggregator: Aggregator = 'sum'): Counter<'kind'> {
  const registers = [registry];
  return new Counter({ name: 'c_total', help: 'h', labelNames: ['kind'], aggregator, registers });
}

function gaugeOf({ registry }: ReportingWorker, aggregator: Aggregator = 'sum'): Gauge {
  return new Gauge({ name: 'g', help: 'h', aggregator, registers: [registry] });
}

function histogramOf({ registry }: ReportingWorker, buckets: number[]): Histogram<'kind'> {
  const registers = [registry];
  return new Histogram({ name: 'h', help: 'h', labelNames: ['kind'], buckets, registers });
}

describe('counters', () => {
  it('are added up, and those of exited workers remain', async () => {
    counterOf(one).inc({ kind: 'a' }, 1_000);
    counterOf(other).inc({ kind: 'a' }, 2_000);
    await Promise.all([one.report(), other.report()]);
    expect(value('c_total{kind="a"}')).toBe(3_000);
    one.exit();
    expect(value('c_total{kind="a"}')).toBe(3_000);
    const successor = new ReportingWorker(store);
    counterOf(successor).inc({ kind: 'a' }, 5);
    await successor.report();
    expect(value('c_total{kind="a"}')).toBe(3_005);
    [successor, other].forEach(worker => worker.exit());
    expect(value('c_total{kind="a"}')).toBe(3_005);
  });

  it('are reported once: only what has changed', async () => {
    const counter = counterOf(one);
    counter.inc({ kind: 'a' }, 7);
    counter.inc({ kind: 'b' }, 7);
    await one.report();
    await one.report();
    expect(one.reports).toHaveLength(1);
    counter.inc({ kind: 'b' });
    await one.report();
    expect(one.reports.at(-1)).toEqual({ type: 'metricsReport', values: [1, 8] });
  });

  it.each<Aggregator>(['first', 'min', 'max', 'average'])(
    'do not decrease with the aggregator %s, either',
    async aggregator => {
      counterOf(one, aggregator).inc({ kind: 'a' }, 10);
      await one.report();
      expect(value('c_total{kind="a"}')).toBe(10);
      one.exit();
      counterOf(other, aggregator).inc({ kind: 'a' }, 3);
      await other.report();
      expect(value('c_total{kind="a"}')).toBe(10);
    },
  );

  it('keep their total when a worker resets them, also if it has counted beyond it meanwhile', async () => {
    const counter = counterOf(one);
    counter.inc({ kind: 'a' }, 10);
    await one.report();
    counter.reset();
    counter.inc({ kind: 'a' }, 2);
    await one.report();
    expect(value('c_total{kind="a"}')).toBe(12);
    one.registry.resetMetrics();
    counter.inc({ kind: 'a' }, 100);
    await one.report();
    expect(value('c_total{kind="a"}')).toBe(112);
  });

  it('that a worker removes remain as long as another worker has them', async () => {
    const counters = [one, other].map(worker => counterOf(worker));
    counters.forEach(counter => counter.inc({ kind: 'tenant' }, 4));
    await Promise.all([one.report(), other.report()]);
    counters[0]!.remove({ kind: 'tenant' });
    await one.report();
    expect(value('c_total{kind="tenant"}')).toBe(8);
    counters[1]!.remove({ kind: 'tenant' });
    await other.report();
    expect(value('c_total{kind="tenant"}')).toBeUndefined();
    expect(store.size).toBe(0);
  });
});

describe('gauges', () => {
  it.each<[Aggregator, number | undefined]>([
    ['sum', 8],
    ['first', 2],
    ['min', 2],
    ['max', 6],
    ['average', 4],
    ['omit', undefined],
  ])('are aggregated as the metric says: %s', async (aggregator, expected) => {
    gaugeOf(one, aggregator).set(2);
    gaugeOf(other, aggregator).set(6);
    await one.report();
    await other.report();
    expect(value('g')).toBe(expected);
    expect(textOf(store).includes('# TYPE g')).toBe(expected !== undefined);
  });

  it('of exited workers do not remain', async () => {
    gaugeOf(one).set(2);
    gaugeOf(other).set(6);
    await Promise.all([one.report(), other.report()]);
    one.exit();
    expect(value('g')).toBe(6);
    other.exit();
    expect(value('g')).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it('start anew when they are reset, also in each scan', async () => {
    const gauge = gaugeOf(one);
    gauge.set(7);
    const rows = new Gauge({
      name: 'rows',
      help: 'h',
      labelNames: ['table'],
      registers: [],
      collect() {
        this.reset();
        this.set({ table: 'cats' }, 5);
      },
    });
    one.registry.registerMetric(rows);
    await one.report();
    gauge.reset();
    await one.report();
    await one.report();
    expect(allSamples()).toEqual({ g: 0, 'rows{table="cats"}': 5 });
  });

  it('may have values that are no finite numbers', async () => {
    const gauge = gaugeOf(one, 'first');
    for (const [set, shown] of [
      [NaN, 'NaN'],
      [Infinity, '+Inf'],
      [-Infinity, '-Inf'],
      [0.1, '0.1'],
    ] as const) {
      gauge.set(set);
      await one.report();
      expect(textOf(store)).toContain(`\ng ${shown}\n`);
    }
  });

  it('sum without rounding errors of the past', async () => {
    const gauge = gaugeOf(one);
    for (const set of [0.1, 0.3, 1e9, 0]) {
      gauge.set(set);
      await one.report();
    }
    expect(value('g')).toBe(0);
  });
});

describe('histograms', () => {
  it('are merged bucket by bucket, and remain', async () => {
    const [first, second] = [histogramOf(one, [1, 5]), histogramOf(other, [1, 5])];
    first.observe({ kind: 'a' }, 0.5);
    first.observe({ kind: 'a' }, 3);
    second.observe({ kind: 'a' }, 9);
    await Promise.all([one.report(), other.report()]);
    one.exit();
    expect(textOf(store)).toBe(
      [
        '# HELP h h',
        '# TYPE h histogram',
        'h_bucket{le="1",kind="a"} 1',
        'h_bucket{le="5",kind="a"} 2',
        'h_bucket{le="+Inf",kind="a"} 3',
        'h_sum{kind="a"} 12.5',
        'h_count{kind="a"} 3',
        '',
      ].join('\n'),
    );
  });

  it('may have other bounds after a reload: no bucket decreases or is higher than the next one', async () => {
    const old = histogramOf(one, [1, 5]);
    [0.5, 0.5, 3, 9].forEach(observed => old.observe({ kind: 'a' }, observed));
    await one.report();
    const renewed = histogramOf(other, [1, 2, 10]);
    renewed.observe({ kind: 'a' }, 1.5);
    await other.report();
    old.observe({ kind: 'a' }, 0.5);
    await one.report();
    one.exit();
    const samples = samplesOf(textOf(store));
    const buckets = ['1', '2', '5', '10', '+Inf'].map(le =>
      samples.get(`h_bucket{le="${le}",kind="a"}`),
    );
    expect(buckets).toEqual([3, 3, 4, 4, 6]);
    expect(samples.get('h_count{kind="a"}')).toBe(6);
  });

  it('take a sum that decreases for what it is, and a reset for a reset', async () => {
    const histogram = histogramOf(one, [1]);
    histogram.observe({ kind: 'a' }, 10);
    await one.report();
    histogram.observe({ kind: 'a' }, -4);
    await one.report();
    expect(value('h_sum{kind="a"}')).toBe(6);
    histogram.zero({ kind: 'a' });
    histogram.observe({ kind: 'a' }, 1);
    await one.report();
    expect(value('h_sum{kind="a"}')).toBe(7);
    expect(value('h_count{kind="a"}')).toBe(3);
  });
});

it('adds up the counts and sums of summaries, and shows the highest quantile', async () => {
  for (const [worker, observed] of [
    [one, 2],
    [other, 8],
  ] as const) {
    const registers = [worker.registry];
    new Summary({ name: 's', help: 'h', percentiles: [0.5], registers }).observe(observed);
    await worker.report();
  }
  expect(allSamples()).toEqual({ 's{quantile="0.5"}': 8, s_sum: 10, s_count: 2 });
  other.exit();
  expect(allSamples()).toEqual({ 's{quantile="0.5"}': 2, s_sum: 10, s_count: 2 });
});

it('keeps what a summary has counted before a reset, and no quantile', async () => {
  const registers = [one.registry];
  const summary = new Summary({ name: 's', help: 'h', percentiles: [0.5], registers });
  summary.observe(4);
  await one.report();
  summary.reset();
  summary.observe(3);
  await one.report();
  expect(allSamples()).toEqual({ 's{quantile="0.5"}': 3, s_sum: 7, s_count: 2 });
  summary.reset();
  await one.report();
  expect(allSamples()).toEqual({ 's{quantile="0.5"}': 0, s_sum: 7, s_count: 2 });
});

it('shows the type that the newest code gives to a name', async () => {
  gaugeOf(one).set(5);
  await one.report();
  new Counter({ name: 'g', help: 'new', registers: [other.registry] }).inc(3);
  await other.report();
  expect(textOf(store)).toBe('# HELP g new\n# TYPE g counter\ng 3\n');
});

it('shows what the code that still runs says, when the newest code has left after a failed reload', async () => {
  const gauge = gaugeOf(one, 'max');
  gauge.set(5);
  await one.report();
  const failed = new Counter({ name: 'g', help: 'new', registers: [other.registry] });
  failed.inc(3);
  await other.report();
  other.exit();
  expect(textOf(store)).toBe('# HELP g h\n# TYPE g gauge\ng 5\n');
  const third = new ReportingWorker(store);
  new Gauge({ name: 'g', help: 'newer', aggregator: 'min', registers: [third.registry] }).set(2);
  await third.report();
  expect(textOf(store)).toBe('# HELP g newer\n# TYPE g gauge\ng 2\n');
  third.exit();
  expect(textOf(store)).toBe('# HELP g h\n# TYPE g gauge\ng 5\n');
});

describe('the bound', () => {
  it('ignores further label sets, and counts them', async () => {
    const small = new MetricStore(10);
    const worker = new ReportingWorker(small);
    const counter = counterOf(worker);
    for (let kind = 0; kind < 15; kind++) {
      counter.inc({ kind: String(kind) });
    }
    await worker.report();
    expect([small.size, small.ignored]).toEqual([10, 5]);
    // Values of those that are ignored are, too.
    counter.inc({ kind: '14' });
    counter.inc({ kind: '9' });
    await worker.report();
    expect(samplesOf(textOf(small)).get('c_total{kind="9"}')).toBe(2);
    counter.remove({ kind: '14' });
    await worker.report();
    expect(small.size).toBe(10);
  });

  it('looks at no group that a worker has, for each one that it ignores', async () => {
    const small = new MetricStore(1_000);
    const worker = new ReportingWorker(small);
    const counter = counterOf(worker);
    for (let kind = 0; kind < 1_000; kind++) {
      counter.inc({ kind: String(kind) });
    }
    await worker.report();
    const isHeld = vi.spyOn(Group.prototype, 'isHeld', 'get');
    for (let kind = 1_000; kind < 1_100; kind++) {
      counter.inc({ kind: String(kind) });
    }
    await worker.report();
    expect(small.ignored).toBe(100);
    expect(isHeld).not.toHaveBeenCalled();
    isHeld.mockRestore();
  });

  it('first forgets what only exited workers have counted', async () => {
    const small = new MetricStore(10);
    const [gone, left] = [new ReportingWorker(small), new ReportingWorker(small)];
    const old = counterOf(gone);
    Array.from({ length: 10 }, (_, kind) => old.inc({ kind: `old-${kind}` }));
    await gone.report();
    gone.exit();
    expect(small.size).toBe(10);
    counterOf(left).inc({ kind: 'new' });
    await left.report();
    expect([small.size, small.ignored]).toEqual([1, 0]);
  });
});

it('needs no more room for labels that come and go', async () => {
  const gauge = new Gauge({
    name: 'g',
    help: 'h',
    labelNames: ['kind'],
    registers: [one.registry],
  });
  for (let turn = 0; turn < 50; turn++) {
    gauge.set({ kind: String(turn) }, turn);
    await one.report();
    gauge.remove({ kind: String(turn) });
  }
  await one.report();
  expect(store.size).toBe(0);
});

it('ends what a registry no longer has', async () => {
  gaugeOf(one).set(1);
  await one.report();
  one.registry.clear();
  await one.report();
  expect(textOf(store)).toBe('');
});

it('takes the first of two metrics with one name', async () => {
  const second = new Registry();
  one.scan.add(second);
  gaugeOf(one).set(1);
  new Gauge({ name: 'g', help: 'h', registers: [second] }).set(2);
  await one.report();
  expect(value('g')).toBe(1);
});
