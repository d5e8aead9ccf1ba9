import type { HostStatus } from '../../model/host-status.interface.js';

/** What the service manager needs to know about the host. @internal */
export interface ServiceFacts {
  readonly phase: ServicePhase;
  /** The workers that serve, at most `wanted`. */
  readonly ready: number;
  readonly wanted: number;
  readonly generation: number;
  /** The worker processes that have not exited. */
  readonly running: number;
  readonly hasFailedReload: boolean;
}

/** The states of a service that the protocol of systemd distinguishes. @internal */
export type ServicePhase = 'starting' | 'ready' | 'reloading' | 'stopping';

/** What is known about reloads of the host. @internal */
export interface ReloadFacts {
  readonly isUnderWay: boolean;
  /** Whether the last one failed. */
  readonly hasFailed: boolean;
}

/** @internal */
export function serviceFacts(status: HostStatus, reload: ReloadFacts): ServiceFacts {
  return {
    phase: phaseOf(status, reload),
    ready: Math.min(status.ready, status.wanted),
    wanted: status.wanted,
    generation: status.generation,
    running: status.workers.filter(({ state }) => state !== 'exited').length,
    hasFailedReload: reload.hasFailed,
  };
}

function phaseOf({ state, hasStarted }: HostStatus, { isUnderWay }: ReloadFacts): ServicePhase {
  if (state === 'stopping') {
    return 'stopping';
  }
  if (!hasStarted) {
    return 'starting';
  }
  return isUnderWay ? 'reloading' : 'ready';
}
