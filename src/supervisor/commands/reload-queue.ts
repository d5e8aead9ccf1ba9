import type { Logger } from '@nestjs/common';
import type {
  HostEvent,
  HostLifecycleEvent,
  ReloadFinishedEvent,
  ReloadStartedEvent,
} from '../../model/events/cluster-event.interface.js';
import type { ReloadResult } from '../../model/host-status.interface.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { CommandQueue } from './command-queue.js';
import { Reload, type ReloadDependencies } from './reload.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface ReloadQueueDependencies extends ReloadDependencies {
  readonly commands: CommandQueue;
  readonly logger: Pick<Logger, 'log' | 'error'>;
  readonly publish: (event: HostLifecycleEvent) => void;
  /** It is known which generation is to stay. */
  readonly onEnd: () => void;
}

/**
 * The reloads of a host, one after the other, and its generations. However many are asked for while one is
 * under way, they are one more after it: that one finds what all of them have found.
 *
 * @internal
 */
export class ReloadQueue {
  #generation = 0;
  #counted = 0;
  #running: Reload | undefined;
  #next: Reload | undefined;

  constructor(private readonly deps: ReloadQueueDependencies) {}

  /** The generation of which workers are forked now. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * @param caller the worker that waits for the answer, if one does
   * @throws WorkerFailedError, HostStoppingError
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
    const { logger, clock, workforce, onEnd } = this.deps;
    const begunAt = clock.now();
    const before = this.#generation;
    this.#next = undefined;
    this.#running = reload;
    this.#generation = reload.generation;
    this.#publish({ type: 'reloadStarted' });
    logger.log(supervisorMessages.reloading(reload.generation));
    try {
      await reload.run(stop);
      const duration = clock.now() - begunAt;
      logger.log(supervisorMessages.reloaded(reload.generation, duration));
      this.#publish({ type: 'reloadFinished', outcome: 'done', duration });
    } catch (error) {
      const duration = clock.now() - begunAt;
      if (error instanceof WorkerFailedError) {
        logger.error(supervisorMessages.reloadFailed(reload.generation, error.message));
        this.#publish({
          type: 'reloadFinished',
          outcome: 'failed',
          duration,
          error: error.message,
        });
        // Unless there are workers of it that stay: what is forked from now on is of their code.
        const stays = workforce.slots.some(slot => slot.current?.generation === reload.generation);
        this.#generation = stays ? reload.generation : before;
      } else {
        this.#publish({ type: 'reloadFinished', outcome: 'stopped', duration });
      }
      throw error;
    } finally {
      this.#running = undefined;
      onEnd();
    }
  }

  #publish(
    details: Omit<ReloadStartedEvent, keyof HostEvent> | Omit<ReloadFinishedEvent, keyof HostEvent>,
  ): void {
    const mark = { generation: this.#generation, pid: process.pid, at: this.deps.clock.wallTime() };
    this.deps.publish({ ...details, ...mark });
  }
}
