import type { ServiceClient, ServiceHost } from '../../ipc/primary-service.interface.js';
import type { HostStatus, WorkerState } from '../../model/host-status.interface.js';
import type { HostCounts } from './host-counts.js';
import type { MetricStore } from './metric-store.js';
import type { Described, Line } from './text-format.js';

/** A metric of the host with its lines. @internal */
export type HostMetric = readonly [Described, Iterable<readonly [Line, number]>];

const STATES: readonly WorkerState[] = ['booting', 'standby', 'ready', 'draining', 'exited'];

/** What the metrics of a host are made of. @internal */
export interface HostFacts {
  readonly host: ServiceHost | undefined;
  readonly counts: HostCounts;
  readonly store: MetricStore<ServiceClient>;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** Returns the metrics that the primary knows itself. @internal */
export function hostMetrics({ host, counts, store, now }: HostFacts): HostMetric[] {
  return [
    ...(host ? ofStatus(host.status()) : []),
    [
      about('worker_exits_total', 'counter', 'Workers that have exited, by reason.'),
      labelled('reason', counts.exits),
    ],
    [
      about('reloads_total', 'counter', 'Reloads that have finished, by result.'),
      labelled('result', counts.reloads),
    ],
    [
      about('reload_duration_seconds', 'histogram', 'How long reloads took.'),
      counts.reloadDuration.lines(),
    ],
    [
      about('drain_duration_seconds', 'histogram', 'How long workers drained, by phase.'),
      Object.values(counts.drainDuration).flatMap(histogram => [...histogram.lines()]),
    ],
    [
      about('drain_unfinished_total', 'counter', 'What drains have not finished in time, by kind.'),
      labelled('kind', counts.unfinished),
    ],
    [
      about(
        'redelivered_connections_total',
        'counter',
        'Connections that other workers took over, because their worker ended before it had read them.',
      ),
      only(host?.redelivered() ?? 0),
    ],
    [
      about(
        'worker_last_report_age_seconds',
        'gauge',
        'Time since the last report of a worker. If its event loop is blocked, its other values are as old as this.',
      ),
      ages(store, now),
    ],
    [
      about(
        'metrics_ignored_groups',
        'gauge',
        'Label sets that were ignored, because the workers have too many time series.',
      ),
      only(store.ignored),
    ],
  ];
}

function ofStatus({ workers, spares, wanted, generation }: HostStatus): HostMetric[] {
  const states = Object.fromEntries(STATES.map(state => [state, 0])) as Record<WorkerState, number>;
  [...workers, ...spares].forEach(({ state }) => states[state]++);
  return [
    [
      about(
        'workers',
        'gauge',
        'Workers by state; standby are the spares and the canary that have booted and wait.',
      ),
      labelled('state', states),
    ],
    [about('workers_wanted', 'gauge', 'The wanted number of workers.'), only(wanted)],
    [
      about('generation', 'gauge', 'The newest generation; each reload increments it.'),
      only(generation),
    ],
  ];
}

/** One line for each slot: if it has two workers, as in a reload, for the one that reported last. */
function ages(store: MetricStore<ServiceClient>, now: number): [Line, number][] {
  const bySlot = new Map<number, number>();
  for (const [{ slot }, { reportedAt }] of store.workers) {
    if (slot >= 0) {
      bySlot.set(slot, Math.min(bySlot.get(slot) ?? Infinity, (now - reportedAt) / 1_000));
    }
  }
  return [...bySlot]
    .toSorted(([one], [other]) => one - other)
    .map(([slot, age]) => [{ suffix: '', labels: `{slot="${slot}"}` }, age]);
}

function about(name: string, type: Described['type'], help: string): Described {
  return { name: `nestjs_cluster_${name}`, type, help };
}

function only(value: number): [Line, number][] {
  return [[{ suffix: '', labels: '' }, value]];
}

function labelled(name: string, values: Readonly<Record<string, number>>): [Line, number][] {
  return Object.entries(values).map(([label, value]) => [
    { suffix: '', labels: `{${name}="${label}"}` },
    value,
  ]);
}
