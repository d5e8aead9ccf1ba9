import type { HostStatus } from '../events/worker-facts.js';
import { exceed } from './exceed.js';
import { healthMessages } from './health.messages.js';
import type { Limits, Part } from './limits.js';
import { type Problem, type Verdict, verdictOn } from './verdict.js';
import type { WorkerHealth } from './worker-health.js';

type HostFacts = Pick<
  HostStatus,
  'state' | 'hasStarted' | 'wanted' | 'ready' | 'recentRestarts' | 'generation' | 'uptime'
>;

/**
 * How the host is doing, whichever of its workers tells. Where the primary has not answered in time, all but the
 * verdict and the worker that tells is left out.
 *
 * @publicApi
 */
export interface HostHealth extends Verdict, Partial<HostFacts> {
  readonly workers: readonly WorkerHealth[];
}

/** @internal */
export function hostHealth(
  { state, hasStarted, wanted, ready: serving, recentRestarts, generation, uptime }: HostFacts,
  workers: readonly WorkerHealth[],
  limits: Limits,
): HostHealth {
  const unfit = workers.filter(({ state: own, status }) => own === 'ready' && status === 'down');
  const ready = Math.max(0, serving - unfit.length);
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
    hasStarted,
    ready,
    wanted,
    recentRestarts,
    generation,
    uptime,
    workers,
  };
}

/** The primary has not answered. @param isLeaving whether this worker does not stay either @internal */
export function hostUnknown(
  self: WorkerHealth,
  isLeaving: boolean,
  milliseconds: number,
): HostHealth {
  const problem: Problem = isLeaving
    ? { status: 'down', says: healthMessages.primaryGone() }
    : degraded(healthMessages.primarySilent(milliseconds));
  return { ...verdictOn([problem]), workers: [self] };
}

const STOPPING: Problem = { status: 'down', says: healthMessages.stopping() };

const degraded = (says: string): Problem => ({ status: 'degraded', says });

function tooFew(ready: number, wanted: number, limit: Limits['ready']): Problem[] {
  const isBelow = (part: Part | undefined): boolean =>
    part !== undefined && ready < (typeof part === 'number' ? part : part.share * wanted);
  const says = healthMessages.ready(ready, wanted);
  if (isBelow(limit.down)) {
    return [{ status: 'down', says }];
  }
  return isBelow(limit.degraded) ? [degraded(says)] : [];
}
