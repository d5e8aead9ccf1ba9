import { vi } from 'vitest';
import type { ClusterEvent } from '../../../src/model/events/cluster-event.interface.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import type { ControlledHost } from '../../../src/control/primary/controlled-host.interface.js';
import { controlledHost } from '../../../src/supervisor/inspection/open-primary-control.js';
import { OutputTap } from '../../../src/supervisor/output/output-tap.js';
import { EventHub } from '../../../src/supervisor/event-hub.js';
import { createServices } from '../../../src/services/create-services.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { createSupervisor } from '../../../src/supervisor/create-supervisor.js';
import type { Supervisor } from '../../../src/supervisor/supervisor.js';
import { type Hello, ownHello } from '../../../src/ipc/protocol-version.js';
import { FakeClock, settle } from './fake-clock.js';
import { FakeOutputs } from './fake-outputs.js';
import { FakeWorkerProcess } from './fake-worker-process.js';

/** A supervisor whose clock, worker processes and output are fakes, and a record of what it has done. */
export class SupervisedHost {
  readonly clock = new FakeClock();
  readonly forked: FakeWorkerProcess[] = [];
  readonly exits: number[] = [];
  readonly events: ClusterEvent[] = [];
  readonly logged: string[] = [];
  /** The output of the host, which nobody reads before a test does. */
  readonly outputs = new FakeOutputs();
  readonly outputTap = new OutputTap();
  hub: EventHub | undefined;
  portClosed = false;
  /** The stack of a blocked worker. */
  stack: string | undefined;
  /** What workers that are forked from now on say first; `null` for nothing. */
  hello: Hello | null = ownHello();

  /** Call it in `beforeEach()`, and `vi.restoreAllMocks()` in `afterEach()`. */
  constructor() {
    // The backoff before a restart has full jitter, down to 0.
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  }

  /** A supervisor of two workers, which has not started. */
  supervise(env: NodeJS.ProcessEnv = {}, startedAt = this.clock.now()): Supervisor {
    // Fakes send no heartbeats.
    const fakes = { CLUSTER_WORKERS: '2', CLUSTER_HEARTBEAT_INTERVAL: '0' };
    const options = resolveOptions({}, { ...fakes, ...env });
    const log = (text: string) => void this.logged.push(text);
    const logger = { log, warn: log, error: log, fatal: log };
    const budget = new MemoryBudget(64 * 1024 * 1024);
    return createSupervisor({
      options,
      fork: place => {
        const worker = new FakeWorkerProcess(place, this.hello);
        this.forked.push(worker);
        return worker;
      },
      clock: this.clock,
      startedAt,
      exit: code => this.exits.push(code),
      services: createServices(options.bus.maxQueueBytes, budget),
      budget,
      outputs: this.outputs,
      outputTap: this.outputTap,
      events: (this.hub = this.#recordingHub(new EventHub({}, logger))),
      logger,
      inspected: false,
      interactive: false,
      closePort: async () => {
        this.portClosed = true;
      },
      takesConnections: () => false,
      portClaims: { claim: () => Promise.resolve(true) },
      onWorkersChanged: () => {},
      memory: { limit: undefined, total: 2 ** 30 },
      readBlockedStack: async () => this.stack,
    });
  }

  /** The host as its control socket sees it. */
  controlled(supervisor: Supervisor): ControlledHost {
    return controlledHost(
      {
        supervisor,
        events: this.hub!,
        outputTap: this.outputTap,
        ask: async () => undefined,
        metrics: async () => undefined,
      },
      () => Promise.reject(new Error('not in this test')),
    );
  }

  /** A supervisor whose workers are ready. */
  async started(env?: NodeJS.ProcessEnv): Promise<Supervisor> {
    const supervisor = this.supervise(env);
    void supervisor.start();
    await settle();
    await Promise.all(this.forked.map(worker => worker.becomeReady()));
    await settle();
    return supervisor;
  }

  /** Those that were forked in a generation. */
  of(generation: number): FakeWorkerProcess[] {
    return this.forked.filter(({ place }) => place.generation === generation);
  }

  /** Ends the workers that have been told to drain. */
  async leave(): Promise<void> {
    this.forked
      .filter(({ link, drainOrders }) => link.connected && drainOrders.length > 0)
      .forEach(worker => worker.exit(0));
    await settle();
  }

  /** The events of a type. */
  told(type: ClusterEvent['type']): ClusterEvent[] {
    return this.events.filter(event => event.type === type);
  }

  /** The ends of reloads, without their time. */
  finished(): unknown[] {
    return this.told('reloadFinished').map(event => ({ ...event, at: 0 }));
  }

  #recordingHub(hub: EventHub): EventHub {
    const publish = hub.publish.bind(hub);
    hub.publish = event => {
      this.events.push(event);
      publish(event);
    };
    return hub;
  }
}

/** Slot and state of all workers. */
export function states(supervisor: Supervisor): unknown[] {
  return supervisor.status().workers.map(({ slot, state }) => [slot, state]);
}

/** Slot, generation and state of all workers. */
export function everybody(supervisor: Supervisor): unknown[] {
  return supervisor
    .status()
    .workers.map(({ slot, generation, state }) => [slot, generation, state]);
}

export async function becomeReady(worker: FakeWorkerProcess | undefined): Promise<void> {
  await worker!.becomeReady();
  await settle();
}

export async function standBy(worker: FakeWorkerProcess | undefined): Promise<void> {
  await worker!.ipc.post({ type: 'standby' });
  await settle();
}

/** What a worker that is well measures. */
export const CALM = { eventLoopDelayP99: 0, eventLoopUtilization: 0 };
