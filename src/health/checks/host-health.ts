import type { HostStatus } from '../../model/host-status.interface.js';
import { exceed } from './exceed.js';
import { healthMessages } from '../health.messages.js';
import type { Limits, Part } from './health-limits.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';
import type { WorkerHealth } from './worker-health.js';

type HostFacts = Pick<
  HostStatus,
  'state' | 'hasStarted' | 'wanted' | 'recentRestarts' | 'generation' | 'uptime'
>;

/**
 * The health of the host, which any of its workers can report. If the primary has not answered in time, it only
 * contains the verdict and the reporting worker.
 *
 * @publicApi
 */
export interface HostHealth extends Verdict, Partial<HostFacts> {
  /** Number of workers that serve and are not `down`. */
  readonly ready?: number;
  /** Number of spares that can replace a worker at once. */
  readonly spares?: number;
  /** The workers; only the reporting one if the primary has not answered in time. */
  readonly workers: readonly WorkerHealth[];
}

/** @internal */
export function hostHealth(
  { state, hasStarted, wanted, recentRestarts, generation, uptime }: HostFacts,
  workers: readonly WorkerHealth[],
  spares: number,
  limits: Limits,
): HostHealth {
  const ready = workers.filter(({ serves, status }) => serves && status !== 'down').length;
  return {
    ...verdictOn([
      ...(state === 'stopping' ? [STOPPING] : tooFew(ready, wanted, limits.ready)),
      ...exceed(recentRestarts, limits.restarts, healthMessages.restarts),
      ...workers.flatMap(({ slot, problems }) =>
        // Only degraded, also if a worker is down: such a worker is already missing in `ready`.
        problems.map(says => degraded(healthMessages.ofWorker(slot, says))),
      ),
    ]),
    state,
    hasStarted: hasStarted || ready >= wanted,
    ready,
    wanted,
    spares,
    recentRestarts,
    generation,
    uptime,
    workers,
  };
}

/**
 * Returns the health of a host whose primary has not answered in time.
 *
 * @param isStopping whether this worker is stopping and will not be replaced
 * @param hasStarted whether the host had started at the last answer of the primary
 * @internal
 */
export function hostUnknown(
  self: WorkerHealth,
  isStopping: boolean,
  hasStarted: boolean,
  milliseconds: number,
): HostHealth {
  const problem: Problem = isStopping
    ? { status: 'down', says: healthMessages.primaryGone() }
    : degraded(healthMessages.primarySilent(milliseconds));
  return { ...verdictOn([problem]), ...(hasStarted && { hasStarted }), workers: [self] };
}

const STOPPING: Problem = { status: 'down', says: healthMessages.stopping() };

const degraded = (says: string): Problem => ({ status: 'degraded', says });

function tooFew(ready: number, wanted: number, limit: Limits['ready']): Problem[] {
  // If the host should have fewer workers than the limit, all of them are enough.
  const isBelow = (part: Part | undefined): boolean =>
    part !== undefined &&
    ready < (typeof part === 'number' ? Math.min(part, wanted) : part.share * wanted);
  const says = healthMessages.ready(ready, wanted);
  if (isBelow(limit.down)) {
    return [{ status: 'down', says }];
  }
  return isBelow(limit.degraded) ? [degraded(says)] : [];
}
