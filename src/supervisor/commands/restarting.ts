import type { Logger } from '@nestjs/common';
import type { Clock } from '../../system/time/clock.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { Dismiss } from '../workers/dismissal.js';
import type { Slot } from '../workers/slot.js';
import type { Workforce } from '../workers/workforce.js';
import type { CommandQueue } from './command-queue.js';
import { Replacement } from './replacement.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** @internal */
export interface RestartingDependencies {
  readonly commands: CommandQueue;
  readonly workforce: Workforce;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'log' | 'error'>;
  /** Makes a replaced worker drain. */
  readonly dismiss: Dismiss;
}

/** The new worker of a slot. @internal */
export interface Restarted {
  readonly slot: number;
  readonly pid: number;
  /** Milliseconds until the former worker has exited. */
  readonly duration: number;
}

/**
 * Replaces the worker of one slot on request; the replacement becomes ready first.
 *
 * @internal
 */
export class Restarting {
  constructor(private readonly deps: RestartingDependencies) {}

  /**
   * Resolves when the former worker has exited.
   *
   * @returns `undefined` if there is no such slot when the command starts
   * @throws WorkerFailedError if the replacement failed; the worker then continues to serve
   * @throws HostStoppingError if the host stops first
   */
  of(index: number): Promise<Restarted | undefined> {
    const { commands, workforce } = this.deps;
    return commands.run(async stop => {
      const slot = workforce.slots.find(each => each.index === index);
      return slot && this.#restart(slot, stop);
    });
  }

  async #restart(slot: Slot, stop: AbortSignal): Promise<Restarted> {
    const { workforce, clock, logger, dismiss } = this.deps;
    const begunAt = clock.now();
    logger.log(supervisorMessages.restarting(slot.index));
    const replacement = new Replacement(slot, workforce, dismiss);
    try {
      await replacement.awaitHealthy(stop);
      await replacement.finish(stop);
    } catch (error) {
      if (error instanceof WorkerFailedError) {
        logger.error(supervisorMessages.restartFailed(slot.index, error.message));
      }
      throw error;
    }
    const { pid } = replacement.worker;
    return { slot: slot.index, pid, duration: clock.now() - begunAt };
  }
}
