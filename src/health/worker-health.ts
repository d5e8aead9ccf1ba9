import type { BusVitals, WorkerIdentity, WorkerState } from '../events/worker-facts.js';
import { bytesPerWorker } from '../options/memory-bound.js';
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

/** @param workers how many there are to be, who share the memory @internal */
export function workerHealth(
  { slot, generation, id, pid, state, vitals, heartbeatOverdue = 0 }: WorkerFacts,
  limits: Limits,
  memory: MemoryOfHost,
  workers: number,
): WorkerHealth {
  const measures = vitals && {
    memory: vitals.memory,
    eventLoopDelay: Math.max(vitals.eventLoopDelayP99, heartbeatOverdue),
    eventLoopUtilization: vitals.eventLoopUtilization,
    ...(vitals.bus && { bus: vitals.bus }),
  };
  // Who leaves, or has yet to come, is expected to do no more than that.
  const isJudged = measures !== undefined && state === 'ready';
  const problems = isJudged ? judge(measures, limits, memory, workers) : [];
  return { slot, generation, id, pid, state, ...verdictOn(problems), ...measures };
}

function judge(
  measures: Required<Omit<WorkerHealth, keyof WorkerFacts | keyof Verdict | 'bus'>> &
    Pick<WorkerHealth, 'bus'>,
  limits: Limits,
  host: MemoryOfHost,
  workers: number,
): Problem[] {
  const { eventLoopDelay, eventLoopUtilization, memory, bus } = measures;
  const inBytes = (bound: Limits['memory']['down']): number | undefined =>
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
