import type { ServiceClient } from '../../ipc/primary-service.interface.js';
import type { ReloadProgress } from '../../model/reload-progress.interface.js';
import type { WorkerFacts } from '../../model/worker-facts.interface.js';
import type { Clock } from '../../system/time/clock.js';
import type { OverviewToWorker } from '../overview.protocol.js';

/** @internal */
export type OverviewClient = ServiceClient<OverviewToWorker>;

/** What the host tells the overview beyond its status. @internal */
export interface OverviewServiceDependencies {
  readonly clock: Clock;
  /** Returns the reload in progress, or the last one. */
  readonly reload: () => ReloadProgress | undefined;
  /** Returns what is known about a worker, by Node's id of it. */
  readonly factsOf: (worker: number) => WorkerFacts | undefined;
}
