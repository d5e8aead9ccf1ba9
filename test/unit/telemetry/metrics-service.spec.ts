import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ServiceClient } from '../../../src/ipc/primary-service.interface.js';
import type { WorkerState } from '../../../src/model/host-status.interface.js';
import { acceptedFormat } from '../../../src/telemetry/accepted-format.js';
import { labelText } from '../../../src/telemetry/label-text.js';
import type { MetricsReport } from '../../../src/telemetry/metrics.protocol.js';
import { Exporter } from '../../../src/telemetry/primary/exporter.js';
import { HostCounts } from '../../../src/telemetry/primary/host-counts.js';
import { MetricsService } from '../../../src/telemetry/primary/metrics-service.js';
import { freePort } from '../../support/free-port.mjs';
import { samplesOf } from '../../support/metrics-samples.js';

const clients = new Set<ServiceClient<never>>();
let service = new MetricsService();

afterEach(() => {
  clients.forEach(client => service.onMessage(client, { type: 'metricsClosed' }));
  service = new MetricsService();
});

function worker(slot: number, state: WorkerState = 'ready'): ServiceClient<never> {
  const client = { slot, state, send: () => Promise.resolve() };
  clients.add(client);
  return client;
}

const gauge = (aggregator: 'first' | 'sum', value: number): MetricsReport => ({
  type: 'metricsReport',
  families: [{ name: 'g', help: 'h', type: 'gauge', aggregator, points: [['', '']] }],
  groups: [[0, '']],
  values: [0, value],
});

async function text(): Promise<Map<string, number>> {
  let answer = '';
  await service.onQuestion(worker(0), {
    name: 'metricsText',
    params: { openMetrics: false },
    answer: given => (answer = given),
  });
  return samplesOf(answer);
}

const opens = async (
  port: number,
  { client = worker(0), path = '/metrics' } = {},
): Promise<string | undefined> => {
  let why: string | undefined;
  await service.onQuestion(client, {
    name: 'metricsPort',
    params: { port, host: '127.0.0.1', path },
    answer: answer => (why = answer.why),
  });
  return why;
};

const isOpen = async (port: number, path = '/metrics'): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );

describe('the service', () => {
  it('counts what has happened before anybody wants metrics', async () => {
    const mark = { slot: 0, generation: 0, id: 1, pid: 1, at: 0 };
    const exited = { ...mark, type: 'workerExited', code: 1, signal: null, uptime: 5 } as const;
    service.onEvent({ ...exited, reason: 'boot-failed' });
    const phases = { handover: 10, connections: 2_000, hooks: 0 };
    service.onEvent({ ...exited, reason: 'left', phases });
    const unfinished = { requests: 3, messages: 0, tasks: 1 };
    service.onEvent({ ...exited, reason: 'left', phases, unfinished });
    const host = { generation: 1, pid: 1, at: 0 };
    service.onEvent({ ...host, type: 'reloadFinished', outcome: 'failed', duration: 3_000 });
    expect(Object.fromEntries(await text())).toMatchObject({
      'nestjs_cluster_worker_exits_total{reason="boot-failed"}': 1,
      'nestjs_cluster_worker_exits_total{reason="left"}': 2,
      'nestjs_cluster_drain_unfinished_total{kind="requests"}': 3,
      'nestjs_cluster_drain_unfinished_total{kind="messages"}': 0,
      'nestjs_cluster_drain_unfinished_total{kind="tasks"}': 1,
      'nestjs_cluster_reloads_total{result="failed"}': 1,
      'nestjs_cluster_reload_duration_seconds_bucket{le="2.5"}': 0,
      'nestjs_cluster_reload_duration_seconds_bucket{le="5"}': 1,
      'nestjs_cluster_drain_duration_seconds_sum{phase="connections"}': 4,
      'nestjs_cluster_drain_duration_seconds_bucket{le="0.01",phase="handover"}': 2,
    });
  });

  it('keeps the order of messages while it loads its code', async () => {
    const client = worker(0);
    service.onMessage(client, gauge('sum', 1));
    service.onMessage(client, { type: 'metricsReport', values: [0, 2] });
    expect((await text()).get('g')).toBe(2);
    service.onExited(client);
    expect((await text()).has('g')).toBe(false);
  });

  it('takes the newest worker that is ready for the first, and the one that reported last for its slot', async () => {
    service.onMessage(worker(0, 'draining'), gauge('first', 1));
    service.onMessage(worker(0), gauge('first', 2));
    service.onMessage(worker(0, 'booting'), gauge('first', 3));
    const shown = await text();
    expect(shown.get('g')).toBe(2);
    const ages = [...shown.keys()].filter(name => name.includes('last_report_age'));
    expect(ages).toEqual(['nestjs_cluster_worker_last_report_age_seconds{slot="0"}']);
  });

  it('opens another port in a reload, and closes the former one when no worker wants it', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const [old, other, newer] = [worker(0), worker(1), worker(0)];
    await Promise.all([opens(first, { client: old }), opens(first, { client: other })]);
    expect(await opens(second, { client: newer })).toBeUndefined();
    service.onExited(old);
    expect([await isOpen(first), await isOpen(second)]).toEqual([true, true]);
    service.onExited(other);
    expect([await isOpen(first), await isOpen(second)]).toEqual([false, true]);
    // It remains when no worker runs.
    service.onExited(newer);
    expect(await isOpen(second)).toBe(true);
  });

  it('keeps its port and its path if a reload with other ones fails', async () => {
    const [port, another] = [await freePort(), await freePort()];
    const [old, failed] = [worker(0), worker(0)];
    await opens(port, { client: old });
    await opens(another, { client: failed });
    service.onExited(failed);
    expect([await isOpen(port), await isOpen(another)]).toEqual([true, false]);
    const [moved, again] = [worker(0), worker(1)];
    expect(await opens(port, { client: moved, path: '/new' })).toBeUndefined();
    const answers = (): Promise<boolean[]> => Promise.all([isOpen(port), isOpen(port, '/new')]);
    expect(await answers()).toEqual([true, true]);
    service.onExited(moved);
    expect(await answers()).toEqual([true, false]);
    await opens(port, { client: again, path: '/new' });
    service.onExited(old);
    expect(await answers()).toEqual([false, true]);
  });

  it('keeps its port if another one cannot be opened, and says why', async () => {
    const [port, taken] = [await freePort(), await freePort()];
    const other = new MetricsService();
    await other.onQuestion(worker(1), {
      name: 'metricsPort',
      params: { port: taken, host: '127.0.0.1', path: '/metrics' },
      answer: () => {},
    });
    expect(await opens(port)).toBeUndefined();
    expect(await opens(taken)).toContain('EADDRINUSE');
    expect(await isOpen(port)).toBe(true);
    other.onMessage(worker(1), { type: 'metricsClosed' });
  });
});

it('makes one text for all who ask at the same time', async () => {
  const host = vi.fn(() => undefined);
  const exporter = new Exporter(new HostCounts(), host);
  const texts = Array.from({ length: 100 }, () => exporter.text('prometheus'));
  expect(new Set(await Promise.all(texts)).size).toBe(1);
  expect(host.mock.calls).toHaveLength(1);
});

it.each([
  [undefined, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain', 'prometheus'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  [
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  ],
  ['application/openmetrics-text;q=0.2,text/plain;q=0.8', 'prometheus'],
  ['application/openmetrics-text;q=0', 'prometheus'],
  [';;q=x,,', 'prometheus'],
])('the format for Accept: %s', (accept, format) => {
  expect(acceptedFormat(accept)).toBe(format);
});

it('writes labels in one order, without those that have no value, and escapes them', () => {
  const labels = { c: 'x', b: undefined, a: 5, first: 'back\\slash "quote"\nline' };
  expect(labelText(labels, ['first'])).toBe(
    String.raw`first="back\\slash \"quote\"\nline",a="5",c="x"`,
  );
});
