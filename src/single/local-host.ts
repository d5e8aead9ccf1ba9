import { getHeapStatistics } from 'node:v8';
import type { Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import type { ClusterEvent, WorkerEventDetails } from '../model/events/cluster-event.interface.js';
import { SingleModeError } from '../model/errors/single-mode.error.js';
import { callBack } from '../model/events/event-callbacks.js';
import { publishLifecycle } from '../model/events/lifecycle-channel.js';
import type {
  DrainCause,
  HostStatus,
  ListeningAddress,
  WorkerIdentity,
  WorkerState,
} from '../model/host-status.interface.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { stateMemory } from '../config/state-memory.js';
import { type Clock, pause } from '../system/time/clock.js';
import { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import type { WorkerFacts } from '../model/worker-facts.interface.js';
import type { Vitals, WatchedVitals } from '../runtime/vitals/vitals.js';
import type { LeaveTerms } from '../ipc/supervision.protocol.js';
import { FleetService } from '../fleet/primary/fleet-service.js';
import { idleClock } from '../overview/primary/idle-clock.js';
import { OverviewService } from '../overview/primary/overview-service.js';
import { createServices } from '../services/create-services.js';
import type { PrimaryServices } from '../services/primary-services.js';
import { LocalChannel } from './local-channel.js';
import type { Host } from '../runtime/host.interface.js';

/**
 * The host of single mode: this process, as its own only worker.
 *
 * @internal
 */
export class LocalHost implements Host {
  readonly #events = new Subject<ClusterEvent>();
  readonly channel: LocalChannel;
  /** No primary kills this process. */
  readonly killGrace = 0;
  readonly #services: PrimaryServices;
  readonly #startedAt: number;
  readonly #budget: MemoryBudget;
  #state: WorkerState = 'booting';
  /** Measures this process. */
  vitals: Vitals | undefined;
  #watched: WatchedVitals | undefined;

  constructor(
    private readonly self: WorkerIdentity,
    private readonly options: Pick<ResolvedClusterOptions, 'shutdown' | 'events' | 'state'>,
    private readonly clock: Clock,
    private readonly logger: Pick<Logger, 'error'>,
  ) {
    this.#startedAt = clock.now();
    const { heap_size_limit: heapLimit } = getHeapStatistics();
    this.#budget = new MemoryBudget(stateMemory(options.state.maxMemory, heapLimit));
    // No queue limit: messages are delivered at once.
    const fleet = new FleetService({
      mode: 'single',
      clock,
      // Nobody orders it, because the record says that this host has no workers.
      reload: () =>
        Promise.resolve({ type: 'broken', why: new SingleModeError('reload()').message }),
    });
    const overview = new OverviewService({
      clock: idleClock,
      reload: () => undefined,
      factsOf: () => this.#facts(),
    });
    this.#services = createServices(Infinity, this.#budget, undefined, [fleet, overview]);
    this.#services.onStart({ status: () => this.describe(), redelivered: () => 0 });
    this.channel = new LocalChannel(this.#services);
  }

  get events(): Observable<ClusterEvent> {
    return this.#events.asObservable();
  }

  status(): Promise<HostStatus> {
    return Promise.resolve(this.describe());
  }

  describe(): HostStatus {
    const uptime = this.clock.now() - this.#startedAt;
    const serves = this.#state === 'ready';
    return {
      pid: this.self.pid,
      uptime,
      state: this.#state === 'draining' ? 'stopping' : 'running',
      generation: this.self.generation,
      wanted: 1,
      ready: serves ? 1 : 0,
      hasStarted: this.#state !== 'booting',
      discardedOutput: 0,
      stateMemory: this.#budget.describe(),
      recentRestarts: 0,
      workers: [{ ...this.self, state: this.#state, serves, uptime, restarts: 0 }],
      spares: [],
    };
  }

  listening(address: ListeningAddress): void {
    this.#tell({ type: 'workerListening', address });
  }

  ready(): void {
    this.#state = 'ready';
    this.#tell({ type: 'workerReady', bootTime: this.clock.now() - this.#startedAt });
  }

  /** Nobody monitors heartbeats in single mode. */
  heartbeat(): void {}

  /** Always `false`: no other worker can accept connections. */
  overloaded(): Promise<boolean> {
    return Promise.resolve(false);
  }

  recovered(): void {}

  standby(): void {}

  unpromotable(): void {}

  reload(): Promise<never> {
    return Promise.reject(new SingleModeError('reload()'));
  }

  scale(): Promise<never> {
    return Promise.reject(new SingleModeError('scale()'));
  }

  async leave(cause: DrainCause): Promise<LeaveTerms> {
    const { timeout, readinessDelay } = this.options.shutdown;
    this.#state = 'draining';
    this.#tell({ type: 'workerDraining', cause });
    // An application that closes itself does not have to wait for a load balancer.
    if (cause === 'close') {
      return { cause, timeout };
    }
    if (readinessDelay > 0) {
      await pause(this.clock, readinessDelay);
    }
    return { cause, timeout: timeout - readinessDelay };
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Always `false`: there is no other process. */
  takesConnections(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Always `true`: the server finds out. */
  claimPort(): Promise<boolean> {
    return Promise.resolve(true);
  }

  handOver(): Promise<boolean> {
    return Promise.resolve(false);
  }

  left(): Promise<void> {
    return Promise.resolve();
  }

  /** Measures from the first call on. */
  #facts(): WorkerFacts {
    this.#watched ??= this.vitals?.watch();
    const vitals = this.#watched?.now();
    return {
      heartbeatAt: this.clock.now(),
      ...(vitals && { vitals: { ...vitals, eventLoopDelay: vitals.eventLoopDelayP99 } }),
    };
  }

  #tell(details: WorkerEventDetails): void {
    const event = { ...details, ...this.self, at: this.clock.wallTime() } as ClusterEvent;
    publishLifecycle(event);
    this.#services.onEvent(event);
    void callBack(this.options.events, event, this.logger);
    this.#events.next(event);
  }
}
