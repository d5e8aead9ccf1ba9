import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { ClusterEvent } from './events/cluster-event.interface.js';
import type { HostStatus, WorkerIdentity } from './events/worker-facts.js';
import { RUNTIME, type Runtime } from './worker/runtime.js';

/**
 * Who this worker is, and what the host does. Injectable anywhere, in workers and in single mode.
 *
 * @publicApi
 */
@Injectable()
export class ClusterService {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  /** `'single'` where nothing was forked: every method works there too, for the one process. */
  get mode(): 'worker' | 'single' {
    return this.runtime.mode;
  }

  /** This worker. */
  get worker(): WorkerIdentity {
    return this.runtime.worker;
  }

  /**
   * Aborts the moment this worker begins to drain: time to stop taking jobs from a queue, or to end
   * what would run on for long.
   */
  get drainSignal(): AbortSignal {
    return this.runtime.lifecycle.drainSignal;
  }

  /**
   * What happens to the workers of this host, from the subscription on. It does not complete.
   */
  get events(): Observable<ClusterEvent> {
    return this.runtime.host.events;
  }

  /**
   * Every worker of this host, as the primary sees them now.
   *
   * @throws PrimaryUnreachableError if the primary does not answer within 5 s, or is gone
   */
  status(): Promise<HostStatus> {
    return this.runtime.host.status();
  }
}
