import type {
  ClusterEvent,
  ReloadFinishedEvent,
} from '../../model/events/cluster-event.interface.js';
import type {
  DrainPhases,
  UnfinishedWork,
  WorkerExitReason,
} from '../../model/host-status.interface.js';
import { FixedHistogram } from './fixed-histogram.js';

const RELOAD_BOUNDS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

const DRAIN_BOUNDS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

const SECOND = 1_000;

/**
 * Counts the lifecycle events of a host from its start, before it is known whether anybody wants metrics.
 *
 * @internal
 */
export class HostCounts {
  readonly exits: Record<WorkerExitReason, number> = {
    left: 0,
    crashed: 0,
    'boot-failed': 0,
    'boot-timeout': 0,
    'drain-timeout': 0,
    hung: 0,
    killed: 0,
  };
  readonly reloads: Record<ReloadFinishedEvent['outcome'], number> = {
    done: 0,
    failed: 0,
    stopped: 0,
  };
  readonly reloadDuration = new FixedHistogram(RELOAD_BOUNDS);
  readonly unfinished: Record<keyof UnfinishedWork, number> = {
    requests: 0,
    messages: 0,
    tasks: 0,
  };
  readonly drainDuration: Readonly<Record<keyof DrainPhases, FixedHistogram>> = {
    handover: drainHistogram('handover'),
    connections: drainHistogram('connections'),
    hooks: drainHistogram('hooks'),
  };

  onEvent(event: ClusterEvent): void {
    if (event.type === 'workerExited') {
      this.exits[event.reason]++;
      for (const phase of Object.keys(event.phases ?? {}) as (keyof DrainPhases)[]) {
        this.drainDuration[phase].observe(event.phases![phase] / SECOND);
      }
      for (const kind of Object.keys(event.unfinished ?? {}) as (keyof UnfinishedWork)[]) {
        this.unfinished[kind] += event.unfinished![kind];
      }
    } else if (event.type === 'reloadFinished') {
      this.reloads[event.outcome]++;
      this.reloadDuration.observe(event.duration / SECOND);
    }
  }
}

function drainHistogram(phase: keyof DrainPhases): FixedHistogram {
  return new FixedHistogram(DRAIN_BOUNDS, `phase="${phase}"`);
}
