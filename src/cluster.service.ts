import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { ClusterEvent } from './model/events/cluster-event.interface.js';
import { ClusterConfigError } from './model/errors/cluster-config.error.js';
import { WorkerDrainingError } from './model/errors/worker-draining.error.js';
import type { HostStatus, ReloadResult, WorkerIdentity } from './model/host-status.interface.js';
import { MAX_WORKERS } from './model/max-workers.js';
import { RUNTIME, type Runtime } from './runtime/runtime.js';

/**
 * Who this worker is, and what the host does. Injectable anywhere, in workers and in single mode.
 *
 * @publicApi
 */
@Injectable()
export class ClusterService {
  /** @internal */
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
   * Replaces all workers of this host, one after the other, each only when its replacement serves: new code
   * on disk and changed environment files are picked up, and no request is lost. A reload that is asked
   * for during another one begins after it.
   *
   * Resolves when all replacements are ready, and before this worker, which is the last, begins to drain:
   * a request handler may wait for it, and answer.
   *
   * @throws ReloadFailedError if a replacement fails; the workers that were not replaced yet serve on
   * @throws HostStoppingError if the host stops
   * @throws WorkerDrainingError if this worker has to leave before, such as for an earlier reload
   * @throws SingleModeError in single mode
   * @throws PrimaryUnreachableError if the primary is gone
   */
  reload(): Promise<ReloadResult> {
    return this.#unlessDraining('the reload', () => this.runtime.host.reload());
  }

  /**
   * Changes how many workers this host has, from the next reload or crash on, too. Resolves with their
   * number, when all are ready; where there are to be fewer, before the others begin to drain.
   *
   * @param workers a whole number from 1 to 1024
   * @throws ClusterConfigError if it is not
   * @throws ScaleFailedError if a new worker fails; there are as many as before then
   * @throws HostStoppingError, WorkerDrainingError, SingleModeError, PrimaryUnreachableError as `reload()`
   */
  async scale(workers: number): Promise<number> {
    if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS) {
      throw new ClusterConfigError('scale()', workers, `a whole number from 1 to ${MAX_WORKERS}`);
    }
    return this.#unlessDraining('other workers', () => this.runtime.host.scale(workers));
  }

  /**
   * Every worker of this host, as the primary sees them now.
   *
   * @throws PrimaryUnreachableError if the primary does not answer within 5 s, or is gone
   */
  status(): Promise<HostStatus> {
    return this.runtime.host.status();
  }

  /** Whoever waits for a command must not hold up the drain, which the command may be waiting for. */
  async #unlessDraining<Value>(what: string, command: () => Promise<Value>): Promise<Value> {
    const { drainSignal } = this;
    if (drainSignal.aborted) {
      throw new WorkerDrainingError(what);
    }
    return new Promise((resolve, reject) => {
      // An answer that came with the order to drain is the first to settle it.
      const onDrain = (): void => void setImmediate(() => reject(new WorkerDrainingError(what)));
      drainSignal.addEventListener('abort', onDrain);
      void command()
        .then(resolve, reject)
        .finally(() => drainSignal.removeEventListener('abort', onDrain));
    });
  }
}
