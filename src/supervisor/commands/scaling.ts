import type { Logger } from '@nestjs/common';
import { deferred } from '../../system/async/deferred.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { Slot } from '../workers/slot.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import { answersAreOut } from './answers-are-out.js';
import type { CommandQueue } from './command-queue.js';
import type { Dismiss } from './replacement.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface ScalingDependencies {
  readonly commands: CommandQueue;
  readonly workforce: Workforce;
  readonly logger: Pick<Logger, 'log' | 'error'>;
  /** Puts a worker into an empty slot. */
  readonly fill: (slot: Slot) => WorkerHandle;
  /** Sends a worker away of which there is one too many. */
  readonly dismiss: Dismiss;
  /** Told of a slot that is closed, when nobody works there any more. */
  readonly onSlotClosed: (slot: number) => void;
}

/**
 * Changes how many workers there are: up from the lowest free slot, down from the highest.
 *
 * @internal
 */
export class Scaling {
  constructor(private readonly deps: ScalingDependencies) {}

  /**
   * Resolves when there are so many ready workers; where there are fewer than before, before the others
   * are told to drain, as one of them may be waiting for it.
   *
   * @param wanted what it will be, told how many there are when it is its turn
   * @throws WorkerFailedError, and then there are as many as before; HostStoppingError
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
    // One that was sent a signal is followed by another one in its slot.
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
