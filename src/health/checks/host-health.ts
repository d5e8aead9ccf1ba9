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
 * How the host is doing, whichever of its workers tells. Where the primary has not answered in time, all but the
 * verdict and the worker that tells is left out.
 *
 * @publicApi
 */
export interface HostHealth extends Verdict, Partial<HostFacts> {
  /** How many workers serve, and are not down. */
  readonly ready?: number;
  /** How many stand by to take the place of one that dies. */
  readonly spares?: number;
  /** The workers; only this one if the primary has not answered in time. */
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
        // One that is down is missing among those that are ready.
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
 * The primary has not answered.
 *
 * @param isStopping whether this worker leaves, and nobody takes its place
 * @param hasStarted whether the host had started when its primary answered last
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
  // A host that is to have fewer workers than the limit is complete with those.
  const isBelow = (part: Part | undefined): boolean =>
    part !== undefined &&
    ready < (typeof part === 'number' ? Math.min(part, wanted) : part.share * wanted);
  const says = healthMessages.ready(ready, wanted);
  if (isBelow(limit.down)) {
    return [{ status: 'down', says }];
  }
  return isBelow(limit.degraded) ? [degraded(says)] : [];
}
