import { setImmediate as nextTurn } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import type { ServiceClient } from '../../../src/ipc/primary-service.interface.js';
import type { MetricsReport } from '../../../src/telemetry/metrics.protocol.js';
import { Exporter } from '../../../src/telemetry/primary/exporter.js';
import { HostCounts } from '../../../src/telemetry/primary/host-counts.js';

const SERIES = 10_000;
const WORKERS = 16;

/** Only when asked for, with `npm run verify:metrics`: what else runs on the machine changes the result. */
const measured = process.env['MEASURE'] ? it : it.skip;

/** A scrape includes the answer over IPC. Of the time, the best of several counts: other processes use the machine, too. */
const SCRAPES = 5;

const client = (slot: number): ServiceClient => ({
  slot,
  state: 'ready',
  send: () => Promise.resolve(),
});

function reportOf(type: 'counter' | 'gauge', worker: number): MetricsReport {
  const name = `orders_${type}`;
  const points = [['', '']] as const;
  const series = Array.from({ length: SERIES / 2 }, (_, index) => index);
  return {
    type: 'metricsReport',
    families: [{ name, help: 'Orders.', type, aggregator: 'sum', points }],
    groups: series.map(index => [
      type === 'counter' ? 0 : 1,
      `method="GET",route="/customers/:id/orders/${index}",code="200"`,
    ]),
    values: series.flatMap(index => [
      index + (type === 'counter' ? 0 : SERIES / 2),
      index * worker + 0.5,
    ]),
  };
}

measured(
  'occupies the event loop for less than 50 ms, and less than 64 MB, with 10,000 series of 16 workers',
  async () => {
    const exporter = new Exporter(new HostCounts(), () => undefined);
    for (let slot = 0; slot < WORKERS; slot++) {
      const worker = client(slot);
      exporter.onMessage(worker, reportOf('counter', slot));
      exporter.onMessage(worker, reportOf('gauge', slot));
    }
    const costs: { milliseconds: number; cpu: number; bytes: number }[] = [];
    for (let scrape = 0; scrape < SCRAPES; scrape++) {
      // The turn ends: what is measured is a scrape alone.
      await nextTurn();
      const before = performance.eventLoopUtilization();
      const { heapUsed } = process.memoryUsage();
      const usage = process.cpuUsage();
      let sent = '';
      await exporter.onQuestion(client(0), {
        name: 'metricsText',
        params: { openMetrics: false },
        answer: answer => (sent = JSON.stringify({ 'nestjs-cluster': [{ answers: 1, answer }] })),
      });
      const bytes = process.memoryUsage().heapUsed - heapUsed;
      const { user, system } = process.cpuUsage(usage);
      const milliseconds = performance.eventLoopUtilization(before).active;
      costs.push({ milliseconds, cpu: (user + system) / 1_000, bytes });
      expect(sent.split('\\n').length).toBeGreaterThan(SERIES);
    }
    // The first scrape runs code that is not compiled yet, and the CPU time includes the other threads of Node.
    for (const { milliseconds, cpu, bytes } of costs) {
      console.log(
        `${milliseconds.toFixed(1)} ms, ${cpu.toFixed(1)} ms of CPU time, ${(bytes / 2 ** 20).toFixed(1)} MB`,
      );
    }
    expect(Math.min(...costs.map(({ milliseconds }) => milliseconds))).toBeLessThan(50);
    expect(Math.min(...costs.map(({ bytes }) => bytes))).toBeLessThan(64 * 2 ** 20);
  },
);
