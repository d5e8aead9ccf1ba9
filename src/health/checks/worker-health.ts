import type { BusVitals, WorkerIdentity, WorkerState } from '../../model/host-status.interface.js';
import { bytesPerWorker, type MemoryBound } from '../../config/memory-bound.js';
import type { MemoryOfHost } from '../../system/limits/memory-share.js';
import type { ProcessVitals } from '../../runtime/vitals/vitals.js';
import { exceed } from './exceed.js';
import { healthMessages } from '../health.messages.js';
import type { Limit, Limits } from './health-limits.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';

/** The health of a worker. Measurements that the worker has not reported are missing. @publicApi */
export interface WorkerHealth extends Verdict, WorkerIdentity {
  /** The lifecycle state of the worker. */
  readonly state: WorkerState;
  /** Whether it takes requests: it is ready and not hung. */
  readonly serves: boolean;
  /** Whether it sheds load: it accepts no new connections for now (`overload.maxDelay`). */
  readonly isOverloaded?: boolean;
  /** Memory in bytes (resident set size). */
  readonly memory?: number;
  /** Event-loop delay in milliseconds: the 99th percentile of the last 5 to 10 seconds. */
  readonly eventLoopDelay?: number;
  /** Minimum milliseconds for which its event loop has been blocked; missing if it is not blocked. */
  readonly blockedFor?: number;
  /** Event-loop utilization in the last 5 to 10 seconds, 0 to 1. */
  readonly eventLoopUtilization?: number;
  /** The vitals of its bus, if it uses the bus. */
  readonly bus?: BusVitals;
}

/** The known facts about a worker. @internal */
export interface WorkerFacts extends WorkerIdentity {
  readonly state: WorkerState;
  readonly serves: boolean;
  readonly isOverloaded?: boolean;
  readonly vitals?: ProcessVitals;
  readonly heartbeatOverdue?: number;
}

type Measures = Pick<
  WorkerHealth,
  'memory' | 'eventLoopDelay' | 'blockedFor' | 'eventLoopUtilization' | 'bus'
>;

/** @param workers the wanted number of workers, which share the memory @internal */
export function workerHealth(
  facts: WorkerFacts,
  limits: Limits,
  memory: MemoryOfHost,
  workers: number,
): WorkerHealth {
  const { slot, generation, id, pid, state, serves, isOverloaded } = facts;
  const measures = measure(facts);
  // Only ready workers are judged; others are booting or draining.
  const problems = state === 'ready' ? judge(measures, limits, memory, workers) : [];
  return {
    slot,
    generation,
    id,
    pid,
    state,
    serves,
    ...(isOverloaded && { isOverloaded }),
    ...verdictOn(problems),
    ...measures,
  };
}

/** Returns the measurements. The vitals of an exited worker are out of date; those of a blocked one are from before. */
function measure({ state, vitals, heartbeatOverdue }: WorkerFacts): Measures {
  if (state === 'exited') {
    return {};
  }
  const blocked = heartbeatOverdue === undefined ? {} : { blockedFor: heartbeatOverdue };
  if (!vitals) {
    return blocked;
  }
  const { memory, eventLoopDelayP99: eventLoopDelay, eventLoopUtilization, bus } = vitals;
  return { memory, eventLoopDelay, ...blocked, eventLoopUtilization, ...(bus && { bus }) };
}

function judge(
  { eventLoopDelay = 0, blockedFor = 0, eventLoopUtilization = 0, memory = 0, bus }: Measures,
  limits: Limits,
  host: MemoryOfHost,
  workers: number,
): Problem[] {
  const inBytes = (bound: MemoryBound | undefined): number | undefined =>
    bound === undefined ? undefined : bytesPerWorker(bound, host, workers);
  const bytes: Limit = {
    degraded: inBytes(limits.memory.degraded),
    down: inBytes(limits.memory.down),
  };
  const blocked = exceed(blockedFor, limits.eventLoopDelay, healthMessages.blocked);
  const late = exceed(eventLoopDelay, limits.eventLoopDelay, healthMessages.eventLoopDelay);
  return [
    ...(blocked.length > 0 ? blocked : late),
    ...exceed(
      eventLoopUtilization,
      limits.eventLoopUtilization,
      healthMessages.eventLoopUtilization,
    ),
    ...exceed(memory, bytes, healthMessages.memory),
    ...exceed(bus?.missedLately ?? 0, limits.missedEvents, healthMessages.missedEvents),
    ...exceed(bus?.fullness ?? 0, limits.busQueue, healthMessages.busQueue),
  ];
}
