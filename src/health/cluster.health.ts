import { totalmem } from 'node:os';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { HostStatus, StateMemory } from '../model/host-status.interface.js';
import { readMemoryLimit } from '../system/limits/memory-limit.js';
import type { MemoryOfHost } from '../system/limits/memory-share.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { StateClient } from '../state/client/state-client.js';
import { STATE_CLIENT } from '../state/client/state-client.token.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import type { WatchedVitals } from '../runtime/vitals/vitals.js';
import { type HostHealth, hostHealth, hostUnknown } from './checks/host-health.js';
import { type Limits, resolveLimits } from './checks/health-limits.js';
import { type StateHealth, stateHealth } from './checks/state-health.js';
import { StateProbe } from './checks/state-probe.js';
import type { HealthThresholds } from './checks/thresholds.interface.js';
import { type WorkerFacts, type WorkerHealth, workerHealth } from './checks/worker-health.js';

/** Milliseconds that the primary and the backend have to answer, so that a probe is answered within 200 ms. */
const ANSWER_TIMEOUT = 150;

/** Injection token of the thresholds of `ClusterHealthModule.forRoot()`. @internal */
export const HEALTH_THRESHOLDS = Symbol('HEALTH_THRESHOLDS');

/**
 * Checks the health of this worker, the host and the shared state, in the format of `@nestjs/terminus`. Each check
 * takes at most 200 ms unless the event loop of this worker is blocked.
 *
 * The thresholds of a check override those of `ClusterHealthModule.forRoot()`.
 *
 * @throws ClusterConfigError if `ClusterModule` is missing, or for invalid thresholds
 * @publicApi
 */
@Injectable()
export class ClusterHealthIndicator {
  readonly #limits: Limits;
  readonly #state: StateProbe;
  readonly #memory: MemoryOfHost = { limit: readMemoryLimit(), total: totalmem() };
  #vitals: WatchedVitals | undefined;
  /** The wanted number of workers, as far as it is known; at least 1, also in single mode. */
  #workers: number;
  #hasStarted = false;

  /** @internal */
  constructor(
    @Optional() @Inject(RUNTIME) private readonly runtime: Runtime,
    @Optional() @Inject(CLUSTER_OPTIONS) private readonly options: ResolvedClusterOptions,
    @Optional() @Inject(STATE_CLIENT) state: StateClient,
    @Optional() @Inject(HEALTH_THRESHOLDS) thresholds: HealthThresholds | null,
  ) {
    if (!runtime) {
      throw ClusterConfigError.missingModule('ClusterHealthIndicator');
    }
    this.#limits = resolveLimits(thresholds ?? {});
    this.#workers = Math.max(1, options.workers);
    this.#state = new StateProbe(state);
  }

  /** @internal */
  onModuleInit(): void {
    this.#vitals = this.runtime.vitals.watch();
  }

  /** @internal */
  onApplicationShutdown(): void {
    this.#vitals?.stop();
  }

  /**
   * Checks the host, as its primary sees it: how many workers are ready, how many were replaced, and the health of
   * each worker. The host is `down` from the start of a stop, and while too few workers are ready. Reloads and
   * recycling do not change it; a crash makes it `degraded` until the worker has been replaced.
   */
  async checkHost<Key extends string>(
    key: Key,
    thresholds?: HealthThresholds,
  ): Promise<Record<Key, HostHealth>> {
    checkKey(key);
    const limits = this.#limitsOf(thresholds);
    return as(key, await this.#host(limits));
  }

  /** Checks this worker: its event loop, its memory, and the missed and queued events of its bus. */
  checkWorker<Key extends string>(
    key: Key,
    thresholds?: HealthThresholds,
  ): Record<Key, WorkerHealth> {
    checkKey(key);
    return as(key, this.#judge(this.#self, this.#limitsOf(thresholds)));
  }

  /** Checks the backend of the shared state: the round trip from this worker. */
  async checkState<Key extends string>(
    key: Key,
    thresholds?: HealthThresholds,
  ): Promise<Record<Key, StateHealth>> {
    checkKey(key);
    const limits = this.#limitsOf(thresholds);
    const backend = this.options.redis ? 'redis' : 'memory';
    const [answer, memory] = await Promise.all([
      this.#state.ask(ANSWER_TIMEOUT),
      backend === 'memory' ? this.#stateMemory() : undefined,
    ]);
    return as(key, stateHealth(backend, answer, this.#state.problems, limits, memory));
  }

  async #stateMemory(): Promise<StateMemory | undefined> {
    try {
      return (await this.runtime.host.status(ANSWER_TIMEOUT)).stateMemory;
    } catch {
      return undefined;
    }
  }

  async #host(limits: Limits): Promise<HostHealth> {
    let status: HostStatus;
    try {
      status = await this.runtime.host.status(ANSWER_TIMEOUT);
    } catch {
      const self = this.#judge(this.#self, limits);
      return hostUnknown(self, this.#leavesForGood, this.#hasStarted, ANSWER_TIMEOUT);
    }
    this.#workers = status.wanted;
    const workers = status.workers.map(worker =>
      this.#judge(this.#isSelf(worker) ? this.#self : worker, limits),
    );
    const spares = status.spares.filter(({ state }) => state === 'standby').length;
    const host = hostHealth(status, workers, spares, limits);
    this.#hasStarted ||= host.hasStarted === true;
    return host;
  }

  /**
   * The current facts of this worker, instead of those of its last heartbeat. A worker that answers a request is
   * ready.
   */
  get #self(): WorkerFacts {
    const drains = this.runtime.lifecycle.drainSignal.aborted;
    return {
      ...this.runtime.worker,
      state: drains ? 'draining' : 'ready',
      serves: !drains,
      isOverloaded: !this.runtime.pausableServers.areOpen && !drains,
      ...(this.#vitals && { vitals: this.#vitals.now() }),
    };
  }

  /** Whether this worker will not be replaced. */
  get #leavesForGood(): boolean {
    const { drainCause } = this.runtime.lifecycle;
    return drainCause === 'stop' || drainCause === 'orphaned';
  }

  #isSelf({ id, pid }: { readonly id: number; readonly pid: number }): boolean {
    return id === this.runtime.worker.id && pid === this.runtime.worker.pid;
  }

  #judge(worker: WorkerFacts, limits: Limits): WorkerHealth {
    return workerHealth(worker, limits, this.#memory, this.#workers);
  }

  #limitsOf(thresholds: HealthThresholds | undefined): Limits {
    return thresholds === undefined ? this.#limits : resolveLimits(thresholds, this.#limits);
  }
}

function as<Key extends string, Health>(key: Key, health: Health): Record<Key, Health> {
  return { [key]: health } as Record<Key, Health>;
}

/** @throws ClusterConfigError unless the key, under which Terminus reports the indicator, is a non-empty string */
function checkKey(key: unknown): void {
  if (typeof key !== 'string' || key === '') {
    throw new ClusterConfigError('key', key, 'a string of at least one character');
  }
}
