import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { FLEET, type Fleet } from './fleet/fleet.provider.js';
import type { ClusterEvent } from './model/events/cluster-event.interface.js';
import { ClusterConfigError } from './model/errors/cluster-config.error.js';
import { WorkerDrainingError } from './model/errors/worker-draining.error.js';
import type { FleetStatus } from './model/fleet-status.interface.js';
import type { HostStatus, ReloadResult, WorkerIdentity } from './model/host-status.interface.js';
import { MAX_WORKERS } from './model/max-workers.js';
import { RUNTIME, type Runtime } from './runtime/runtime.js';

/**
 * Identifies this worker, and observes and controls the host. Injectable everywhere, in workers and in single mode.
 *
 * @publicApi
 */
@Injectable()
export class ClusterService {
  /** @internal */
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(FLEET) private readonly hosts: Fleet,
  ) {}

  /** `'worker'`, or `'single'` if there are no workers. In single mode, only `reload()` and `scale()` fail. */
  get mode(): 'worker' | 'single' {
    return this.runtime.mode;
  }

  /** This worker. */
  get worker(): WorkerIdentity {
    return this.runtime.worker;
  }

  /** Aborts when this worker begins to drain. Use it to stop taking jobs from a queue, and to end long-running work. */
  get drainSignal(): AbortSignal {
    return this.runtime.lifecycle.drainSignal;
  }

  /**
   * Has the drain of this worker wait until the promise settles, for as long as it waits for requests: four fifths of
   * the time that the worker has to leave, 20 s by default. Use it for work that no request waits for, such as a message
   * that a consumer of yours handles. Shutdown hooks run afterwards. A rejection is logged.
   *
   * ```ts
   * consumer.on('message', message => cluster.waitUntil(handle(message)));
   * ```
   */
  waitUntil(work: PromiseLike<unknown>): void {
    this.runtime.lifecycle.waitUntil(work);
  }

  /** Lifecycle events of all workers of this host, from the subscription on. The observable does not complete. */
  get events(): Observable<ClusterEvent> {
    return this.runtime.host.events;
  }

  /**
   * Replaces all workers of this host in a rolling restart, without losing a request. The new workers read code and
   * environment files from disk again. A reload that is requested during another one starts after it.
   *
   * Resolves when all replacements are ready. This worker is replaced last, and drains only after the promise has
   * resolved, so a request handler can await the reload and then respond.
   *
   * @returns the new generation and the workers
   * @throws ReloadFailedError if a replacement fails; workers that were not replaced yet continue to serve
   * @throws HostStoppingError if the host stops
   * @throws WorkerDrainingError if this worker must drain before, for example because of an earlier reload
   * @throws SingleModeError in single mode
   * @throws PrimaryUnreachableError if the primary has ended
   */
  reload(): Promise<ReloadResult> {
    return this.#unlessDraining('the reload', () => this.runtime.host.reload());
  }

  /**
   * Changes the number of workers of this host. The number is kept in reloads and after crashes.
   *
   * Resolves when all workers are ready. When scaling down, resolves before the surplus workers begin to drain.
   *
   * @param workers a whole number from 1 to 1024
   * @returns the number of workers
   * @throws ClusterConfigError if `workers` is not such a number
   * @throws ScaleFailedError if a new worker fails; the number of workers is then unchanged
   * @throws HostStoppingError, WorkerDrainingError, SingleModeError, PrimaryUnreachableError as in `reload()`
   */
  async scale(workers: number): Promise<number> {
    if (!Number.isInteger(workers) || workers < 1 || workers > MAX_WORKERS) {
      throw new ClusterConfigError(
        'workers of scale()',
        workers,
        `a whole number from 1 to ${MAX_WORKERS}`,
      );
    }
    return this.#unlessDraining('the scaling', () => this.runtime.host.scale(workers));
  }

  /**
   * Returns the status of this host and all of its workers, as the primary sees them.
   *
   * @throws PrimaryUnreachableError if the primary does not answer within 5 s, or has ended
   */
  status(): Promise<HostStatus> {
    return this.runtime.host.status();
  }

  /**
   * Returns the hosts of the namespace: their releases, generations, workers and health. A host that dies disappears after
   * 10 seconds. Without the option `redis`, returns this host only.
   *
   * @throws StateUnavailableError if Redis does not answer within `state.timeout`
   * @throws PrimaryUnreachableError if the primary does not answer within 5 s, or has ended
   */
  fleet(): Promise<FleetStatus> {
    return this.hosts.status();
  }

  /** Rejects when this worker drains: the caller must not delay the drain, for which the command may be waiting. */
  async #unlessDraining<Value>(what: string, command: () => Promise<Value>): Promise<Value> {
    const { drainSignal } = this;
    if (drainSignal.aborted) {
      throw new WorkerDrainingError(what, false);
    }
    return new Promise((resolve, reject) => {
      // An answer that arrived together with the order to drain settles the promise first.
      const onDrain = (): void => void setImmediate(() => reject(new WorkerDrainingError(what)));
      drainSignal.addEventListener('abort', onDrain);
      void command()
        .then(resolve, reject)
        .finally(() => drainSignal.removeEventListener('abort', onDrain));
    });
  }
}
