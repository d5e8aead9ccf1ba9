import type { HostStatus } from '../model/host-status.interface.js';
import type { ReloadProgress } from '../model/reload-progress.interface.js';
import type { WorkerFacts } from '../model/worker-facts.interface.js';
import type { ReloadQueue } from './commands/reload-queue.js';
import type { Restarting } from './commands/restarting.js';
import type { Scaling } from './commands/scaling.js';
import type { HostShutdown } from './host-shutdown.js';
import type { BootSupervision } from './reactions/boot-supervision.js';
import { supervisorMessages } from './supervisor.messages.js';
import type { SupervisorDependencies } from './supervisor-dependencies.js';
import type { WorkerHandle } from './workers/handle/worker-handle.js';
import type { Spares } from './workers/spares.js';
import type { Workforce } from './workers/workforce.js';

/** The parts of a supervisor: see `create-supervisor.ts`. @internal */
export interface SupervisorParts extends Pick<
  SupervisorDependencies,
  'options' | 'clock' | 'startedAt' | 'logger' | 'outputs' | 'budget'
> {
  readonly boots: BootSupervision;
  readonly reloads: ReloadQueue;
  readonly restarting: Restarting;
  readonly scaling: Scaling;
  readonly shutdown: HostShutdown;
  readonly spares: Spares;
  readonly workforce: Workforce;
}

/**
 * Keeps the wanted number of workers running, and stops all of them when the host stops.
 *
 * It reacts to what the worker handles report: see `reactions/`. Operations that change which workers run are
 * commands in a queue.
 *
 * @internal
 */
export class Supervisor {
  #hasStarted = false;

  constructor(private readonly parts: SupervisorParts) {}

  /** Forks all workers; resolves when all of them are ready, or when the host stops first. */
  async start(): Promise<void> {
    const { options, logger, workforce, boots, shutdown, spares } = this.parts;
    logger.log(supervisorMessages.starting(options));
    // Not a command: a slot that cannot boot must not block reloads and scaling.
    boots.begin(workforce.slots.map(slot => workforce.fill(slot)));
    await workforce.changes.until(() => workforce.isComplete || shutdown.isUnderWay);
    if (!shutdown.isUnderWay) {
      this.#hasStarted = true;
      logger.log(supervisorMessages.allReady(workforce.slots.length, this.#uptime));
      spares.open();
    }
  }

  /** Drains all workers in parallel within one budget, and ends the process. */
  stop(signal: NodeJS.Signals, why?: string): void {
    void this.parts.shutdown.drainAll(signal, why);
  }

  /** Kills all workers; a stop that is under way then finishes. */
  stopAtOnce(exitCode: number): void {
    this.parts.shutdown.killAll(exitCode);
  }

  /** Replaces all workers. The outcome is logged. */
  reload(): void {
    this.parts.reloads.ask().catch(() => {});
  }

  /** Adds or removes one worker; at least one remains. The outcome is logged. */
  scaleBy(workers: 1 | -1): void {
    this.parts.scaling.to(now => Math.max(1, now + workers)).catch(() => {});
  }

  /** The parts that carry out commands, for a caller that waits for their outcomes. */
  get commands(): Pick<SupervisorParts, 'reloads' | 'restarting' | 'scaling'> {
    return this.parts;
  }

  /** The workers, the draining ones included. */
  get workers(): readonly WorkerHandle[] {
    return this.parts.workforce.workers;
  }

  status(): HostStatus {
    const { outputs, budget, workforce, shutdown, reloads } = this.parts;
    return {
      pid: process.pid,
      uptime: this.#uptime,
      state: shutdown.isUnderWay ? 'stopping' : 'running',
      generation: reloads.generation,
      wanted: workforce.slots.length,
      ready: workforce.readyCount,
      hasStarted: this.#hasStarted,
      discardedOutput: outputs.stdout.discarded + outputs.stderr.discarded,
      stateMemory: budget.describe(),
      recentRestarts: workforce.recentRestarts,
      workers: workforce.status(),
      spares: workforce.spares.map(spare => ({ ...spare.describe(), restarts: 0 })),
    };
  }

  /** The reload in progress, or the last one. */
  get reloadProgress(): ReloadProgress | undefined {
    return this.parts.reloads.progress;
  }

  /** Returns what the status of a worker does not have. @param id Node's id of the worker */
  factsOf(id: number): WorkerFacts | undefined {
    return this.workers.find(worker => worker.identify().id === id)?.facts();
  }

  get #uptime(): number {
    return this.parts.clock.now() - this.parts.startedAt;
  }
}
