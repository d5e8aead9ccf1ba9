import type { BusVitals, WorkerIdentity, WorkerState } from '../../model/host-status.interface.js';
import { bytesPerWorker, type MemoryBound } from '../../config/memory-bound.js';
import type { MemoryOfHost } from '../../system/limits/memory-share.js';
import type { ProcessVitals } from '../../runtime/vitals/vitals.js';
import { exceed } from './exceed.js';
import { healthMessages } from '../health.messages.js';
import type { Limit, Limits } from './health-limits.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';

/** How a worker is doing. What is not known of it, as it has not said, is left out. @publicApi */
export interface WorkerHealth extends Verdict, WorkerIdentity {
  /** Where the worker is between boot and exit. */
  readonly state: WorkerState;
  /** Whether it takes work: it is ready, and has not been found to hang. */
  readonly serves: boolean;
  /** Whether it takes no new connections for now (`overload.maxDelay`). */
  readonly isOverloaded?: boolean;
  /** Bytes (resident set size). */
  readonly memory?: number;
  /** Milliseconds by which its event loop was late: 99th percentile of the last 5 to 10 seconds. */
  readonly eventLoopDelay?: number;
  /** Milliseconds for which its event loop has been blocked by now, at least; left out where it is not. */
  readonly blockedFor?: number;
  /** 0 to 1, in the last 5 to 10 seconds. */
  readonly eventLoopUtilization?: number;
  /** How its bus is doing, once that is in use. */
  readonly bus?: BusVitals;
}

/** What is known of a worker. @internal */
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

/** @param workers how many there are to be, who share the memory @internal */
export function workerHealth(
  facts: WorkerFacts,
  limits: Limits,
  memory: MemoryOfHost,
  workers: number,
): WorkerHealth {
  const { slot, generation, id, pid, state, serves, isOverloaded } = facts;
  const measures = measure(facts);
  // Who leaves, or has yet to come, is expected to do no more than that.
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

/** What a worker said last, it said before it was blocked, or had ended. */
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
