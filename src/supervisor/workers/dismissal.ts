import type { DrainCause } from '../../model/host-status.interface.js';
import type { HostShutdown } from '../host-shutdown.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Takeover } from './takeover.js';

/** Makes workers drain as soon as other workers take their connections. @internal */
export type Dismiss = (...workers: WorkerHandle[]) => Promise<void>;

/** @internal */
export interface DismissalDependencies {
  readonly takeover: Pick<Takeover, 'untilOthersServe'>;
  readonly shutdown: Pick<HostShutdown, 'isUnderWay' | 'terms'>;
}

/**
 * Makes workers drain that were replaced or are no longer needed.
 *
 * @internal
 */
export class Dismissal {
  constructor(private readonly deps: DismissalDependencies) {}

  /** Returns a function that dismisses workers for `cause`. */
  for(cause: DrainCause): Dismiss {
    const { takeover, shutdown } = this.deps;
    return async (...workers) => {
      await takeover.untilOthersServe(workers, () => true);
      if (!shutdown.isUnderWay) {
        workers.forEach(worker => worker.drain(shutdown.terms(cause)));
      }
    };
  }
}
