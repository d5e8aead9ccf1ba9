import type { Logger } from '@nestjs/common';
import { deferred } from '../../system/async/deferred.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { Dismiss } from '../workers/dismissal.js';
import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { answersAreOut } from './answers-are-out.js';
import type { CommandQueue } from './command-queue.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface ScalingDependencies {
  readonly commands: CommandQueue;
  readonly workforce: Workforce;
  readonly logger: Pick<Logger, 'log' | 'error'>;
  /** Forks or promotes a worker for an empty slot. */
  readonly fill: (slot: Slot) => WorkerHandle;
  /** Makes a surplus worker drain. */
  readonly dismiss: Dismiss;
  /** Called with the slot that was closed, when its last worker has exited. */
  readonly onSlotClosed: (slot: number) => void;
}

/**
 * Changes the number of workers: adds them from the lowest free slot up, and removes them from the highest down.
 *
 * @internal
 */
export class Scaling {
  constructor(private readonly deps: ScalingDependencies) {}

  /**
   * Resolves when that many workers are ready. When scaling down, it resolves before the surplus workers are told to
   * drain, because one of them may wait for the answer.
   *
   * @param wanted returns the new number of workers; called with the current one when the command starts
   * @returns the number of workers
   * @throws WorkerFailedError if a new worker failed; the number of workers is then unchanged
   * @throws HostStoppingError if the host stops first
   */
  to(wanted: (now: number) => number): Promise<number> {
    const { commands, workforce, logger } = this.deps;
    const answer = deferred<number>();
    commands
      .run(async stop => {
        const before = workforce.slots.length;
        const count = wanted(before);
        if (count > before) {
          logger.log(supervisorMessages.scaling(before, count));
          await this.#up(before, count, stop);
        }
        answer.resolve(count);
        if (count < before) {
          logger.log(supervisorMessages.scaling(before, count));
          await answersAreOut();
          await this.#close(count, stop);
        }
      })
      .catch((error: Error) => answer.reject(error));
    return answer.promise;
  }

  async #up(before: number, count: number, stop: AbortSignal): Promise<void> {
    const { workforce, logger, fill } = this.deps;
    const slots = workforce.open(count);
    const workers = new Set(slots.map(slot => fill(slot)));
    // A worker that received a signal is replaced by another one in its slot.
    const failed = (): WorkerHandle | undefined =>
      [...workers].find(({ exit, ending }) => exit !== undefined && !ending.leftOnSignal);
    await workforce.changes.untilOrThrow(() => {
      slots.forEach(({ current }) => current && workers.add(current));
      return failed() !== undefined || slots.every(({ current }) => current?.state === 'ready');
    }, stop);
    const worker = failed();
    if (worker) {
      const error = new WorkerFailedError(worker);
      logger.error(supervisorMessages.scalingFailed(before, count, error.message));
      await this.#close(before, stop);
      throw error;
    }
  }

  async #close(count: number, stop: AbortSignal): Promise<void> {
    const { workforce, dismiss, onSlotClosed } = this.deps;
    const slots = workforce.close(count);
    const workers = slots.flatMap(slot => slot.workers);
    const staying = workers.filter(({ state }) => state !== 'draining');
    await dismiss(...staying);
    await workforce.changes.untilOrThrow(() => workers.every(({ exit }) => exit), stop);
    slots.forEach(({ index }) => onSlotClosed(index));
  }
}
