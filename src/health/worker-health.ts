import type { BusVitals, WorkerIdentity, WorkerState } from '../events/worker-facts.js';
import { bytesPerWorker, type MemoryBound } from '../options/memory-bound.js';
import type { MemoryOfHost } from '../options/memory-share.js';
import type { ProcessVitals } from '../worker/vitals.js';
import { exceed } from './exceed.js';
import { healthMessages } from './health.messages.js';
import type { Limit, Limits } from './limits.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';

/** How a worker is doing. What is not known of it, as it has not said, is left out. @publicApi */
export interface WorkerHealth extends Verdict, WorkerIdentity {
  readonly state: WorkerState;
  /** Bytes (resident set size). */
  readonly memory?: number;
  /** Milliseconds: 99th percentile of the last 5 to 10 seconds or, if that is more, for which it has been blocked. */
  readonly eventLoopDelay?: number;
  /** 0 to 1, in the last 5 to 10 seconds. */
  readonly eventLoopUtilization?: number;
  readonly bus?: BusVitals;
}

/** What is known of a worker. @internal */
export interface WorkerFacts extends WorkerIdentity {
  readonly state: WorkerState;
  readonly vitals?: ProcessVitals;
  readonly heartbeatOverdue?: number;
}

type Measures = Pick<WorkerHealth, 'memory' | 'eventLoopDelay' | 'eventLoopUtilization' | 'bus'>;

/** @param workers how many there are to be, who share the memory @internal */
export function workerHealth(
  facts: WorkerFacts,
  limits: Limits,
  memory: MemoryOfHost,
  workers: number,
): WorkerHealth {
  const { slot, generation, id, pid, state } = facts;
  const measures = measure(facts);
  // Who leaves, or has yet to come, is expected to do no more than that.
  const problems = state === 'ready' ? judge(measures, limits, memory, workers) : [];
  return { slot, generation, id, pid, state, ...verdictOn(problems), ...measures };
}

/** One that is blocked from its first second on has never said how it is doing. */
function measure({ vitals, heartbeatOverdue = 0 }: WorkerFacts): Measures {
  if (!vitals) {
    return heartbeatOverdue > 0 ? { eventLoopDelay: heartbeatOverdue } : {};
  }
  const { memory, eventLoopDelayP99, eventLoopUtilization, bus } = vitals;
  const eventLoopDelay = Math.max(eventLoopDelayP99, heartbeatOverdue);
  return { memory, eventLoopDelay, eventLoopUtilization, ...(bus && { bus }) };
}

function judge(
  { eventLoopDelay = 0, eventLoopUtilization = 0, memory = 0, bus }: Measures,
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
  return [
    ...exceed(eventLoopDelay, limits.eventLoopDelay, healthMessages.eventLoopDelay),
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
