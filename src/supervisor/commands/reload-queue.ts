import type { Logger } from '@nestjs/common';
import type {
  HostEvent,
  HostLifecycleEvent,
  ReloadFinishedEvent,
  ReloadStartedEvent,
} from '../../model/events/cluster-event.interface.js';
import type { ReloadProgress } from '../../model/reload-progress.interface.js';
import type { ReloadResult } from '../../model/host-status.interface.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { Generation } from '../workers/generation.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { CommandQueue } from './command-queue.js';
import { Reload, type ReloadDependencies } from './reload.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface ReloadQueueDependencies extends ReloadDependencies {
  readonly commands: CommandQueue;
  readonly generation: Generation;
  readonly logger: Pick<Logger, 'log' | 'error'>;
  readonly publish: (event: HostLifecycleEvent) => void;
  /** Called when the generation that stays is known. */
  readonly onEnd: () => void;
}

/**
 * Runs the reloads of a host one after the other, and counts generations. All requests that arrive during a reload
 * are answered by one more reload, because that one reads the newest code for all of them.
 *
 * @internal
 */
export class ReloadQueue {
  #counted = 0;
  #running: Reload | undefined;
  #next: Reload | undefined;
  /** Returns the progress of the reload that began last. */
  #progress: (() => ReloadProgress) | undefined;

  constructor(private readonly deps: ReloadQueueDependencies) {}

  /** The generation of workers that are forked now. */
  get generation(): number {
    return this.deps.generation.current;
  }

  /** The reload in progress, or the last one. */
  get progress(): ReloadProgress | undefined {
    return this.#progress?.();
  }

  /**
   * Requests a reload, and resolves with its result.
   *
   * @param caller the worker that waits for the answer, if any
   * @throws WorkerFailedError if a worker of the new generation failed
   * @throws HostStoppingError if the host stops first
   */
  ask(caller?: WorkerHandle): Promise<ReloadResult> {
    this.#next ??= this.#queue();
    if (caller) {
      this.#next.addCaller(caller);
    }
    return this.#next.ready;
  }

  onExit(worker: WorkerHandle): void {
    this.#running?.onExit(worker);
  }

  #queue(): Reload {
    const reload = new Reload(++this.#counted, this.deps);
    this.deps.commands
      .run(stop => this.#run(reload, stop))
      .catch((error: Error) => reload.reject(error));
    return reload;
  }

  async #run(reload: Reload, stop: AbortSignal): Promise<void> {
    const { logger, clock, workforce, generation, onEnd } = this.deps;
    const begunAt = clock.now();
    const before = generation.current;
    this.#next = undefined;
    this.#running = reload;
    generation.current = reload.generation;
    const conclude = this.#show(reload);
    this.#publish({ type: 'reloadStarted' });
    logger.log(supervisorMessages.reloading(reload.generation));
    try {
      await reload.run(stop);
      const duration = clock.now() - begunAt;
      logger.log(supervisorMessages.reloaded(reload.generation, duration));
      conclude({ phase: 'done', duration });
      this.#publish({ type: 'reloadFinished', outcome: 'done', duration });
    } catch (error) {
      const duration = clock.now() - begunAt;
      if (error instanceof WorkerFailedError) {
        logger.error(supervisorMessages.reloadFailed(reload.generation, error.message));
        const { why, worker } = error.failure;
        conclude({ phase: 'failed', duration, error: why, worker });
        this.#publish({
          type: 'reloadFinished',
          outcome: 'failed',
          duration,
          error: error.message,
        });
        // If any of the new workers stay, workers that are forked from now on run their code, too.
        const stays = workforce.slots.some(slot => slot.current?.generation === reload.generation);
        generation.current = stays ? reload.generation : before;
      } else {
        conclude({ phase: 'stopped', duration });
        this.#publish({ type: 'reloadFinished', outcome: 'stopped', duration });
      }
      throw error;
    } finally {
      this.#running = undefined;
      onEnd();
    }
  }

  /** Shows the progress of a reload from now on. @returns a function that tells how it has ended */
  #show(
    reload: Reload,
  ): (end: Pick<ReloadProgress, 'phase' | 'duration'> & Partial<ReloadProgress>) => void {
    const { clock, workforce } = this.deps;
    const { generation } = reload;
    const begin = { generation, startedAt: clock.wallTime() };
    const count = () => ({ replaced: reload.replaced, wanted: workforce.slots.length });
    this.#progress = () => ({ ...begin, ...count(), phase: reload.phase });
    return end => {
      const progress = { ...begin, ...count(), ...end };
      this.#progress = () => progress;
    };
  }

  #publish(
    details: Omit<ReloadStartedEvent, keyof HostEvent> | Omit<ReloadFinishedEvent, keyof HostEvent>,
  ): void {
    const mark = { generation: this.generation, pid: process.pid, at: this.deps.clock.wallTime() };
    this.deps.publish({ ...details, ...mark });
  }
}
