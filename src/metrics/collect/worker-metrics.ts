import type { Metric, Registry } from 'prom-client';
import {
  type JobRunActivity,
  jobRuns,
  type StateCallActivity,
  stateCalls,
} from '../../model/events/activity-channels.js';
import type { Runtime } from '../../runtime/runtime.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import type { PromClient } from '../prom-client.js';

const STATE_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

type MeasuredRuntime = Pick<Runtime, 'vitals' | 'worker'>;

/**
 * Registers the metrics of this worker itself.
 *
 * @returns a function that stops measuring
 * @internal
 */
export function measureWorker(
  prom: PromClient,
  registers: [Registry],
  runtime: MeasuredRuntime,
): () => void {
  const stops = [
    measureVitals(prom, registers, runtime),
    measureStateCalls(prom, registers),
    measureJobs(prom, registers),
  ];
  return () => stops.forEach(stop => stop());
}

function registerIn([registry]: [Registry], metric: Metric): void {
  registry.registerMetric(metric);
}

/** The vitals by slot. A spare has none, until it takes a slot. */
function measureVitals(
  { Gauge, Counter }: PromClient,
  registers: [Registry],
  { vitals, worker }: MeasuredRuntime,
): () => void {
  const startedAt = monotonicNow() - process.uptime() * 1_000;
  const watched = vitals.watch();
  const gauge = (name: string, help: string, read: () => number): void => {
    registerIn(
      registers,
      new Gauge({
        name: `nestjs_cluster_worker_${name}`,
        help,
        labelNames: ['slot'],
        // In a reload, a slot has two workers.
        aggregator: 'first',
        registers: [],
        collect() {
          if (worker.slot >= 0) {
            this.set({ slot: worker.slot }, read());
          }
        },
      }),
    );
  };
  gauge('uptime_seconds', 'Time since the process of the worker started.', () =>
    Math.round((monotonicNow() - startedAt) / 1_000),
  );
  gauge(
    'resident_memory_bytes',
    'The resident set size of the worker.',
    () => watched.now().memory,
  );
  gauge(
    'event_loop_delay_seconds',
    'The 99th percentile of the event loop delay in the last 5 to 10 seconds.',
    () => watched.now().eventLoopDelayP99 / 1_000,
  );
  gauge(
    'event_loop_utilization_ratio',
    'The share of the last 5 to 10 seconds in which the event loop was busy.',
    () => watched.now().eventLoopUtilization,
  );
  counter('nestjs_cluster_worker_requests_total', 'HTTP requests that the slot has received.', {
    slot: () => worker.slot,
    read: () => watched.now().requests,
  });
  counter('nestjs_cluster_bus_gaps_total', 'Gaps in the subscriptions of the bus.', {
    read: () => watched.now().bus?.gaps ?? 0,
  });
  registerIn(
    registers,
    new Gauge({
      name: 'nestjs_cluster_bus_queue_bytes',
      help: 'Size of the events that wait for their handlers.',
      registers: [],
      collect() {
        this.set(vitals.queueBytes);
      },
    }),
  );
  return () => watched.stop();

  /** A counter that takes over the value of another one. */
  function counter(
    name: string,
    help: string,
    { slot, read }: { readonly slot?: () => number; readonly read: () => number },
  ): void {
    let last = 0;
    registerIn(
      registers,
      new Counter({
        name,
        help,
        ...(slot && { labelNames: ['slot'] }),
        registers: [],
        collect() {
          const place = slot?.();
          if (place === undefined || place >= 0) {
            const now = read();
            const labels: Record<string, number> = place === undefined ? {} : { slot: place };
            this.inc(labels, now - last);
            last = now;
          }
        },
      }),
    );
  }
}

function measureStateCalls({ Histogram }: PromClient, registers: [Registry]): () => void {
  const durations = new Histogram({
    name: 'nestjs_cluster_state_call_duration_seconds',
    help: 'How long calls on the shared state took.',
    labelNames: ['operation', 'outcome'],
    buckets: STATE_BOUNDS,
    registers,
  });
  const onCall = (message: unknown): void => {
    const { operation, outcome, duration } = message as StateCallActivity;
    durations.observe({ operation, outcome }, duration / 1_000);
  };
  stateCalls.subscribe(onCall);
  return () => {
    stateCalls.unsubscribe(onCall);
  };
}

function measureJobs({ Counter }: PromClient, registers: [Registry]): () => void {
  const runs = new Counter({
    name: 'nestjs_cluster_job_runs_total',
    help: 'Runs of scheduled jobs, by result.',
    labelNames: ['job', 'result'],
    registers,
  });
  const onRun = (message: unknown): void => {
    const { job, result } = message as JobRunActivity;
    runs.inc({ job, result });
  };
  jobRuns.subscribe(onRun);
  return () => {
    jobRuns.unsubscribe(onRun);
  };
}
