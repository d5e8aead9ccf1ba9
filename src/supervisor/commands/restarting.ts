import type { Logger } from '@nestjs/common';
import { type Deferred, deferred } from '../../system/async/deferred.js';
import type { Clock } from '../../system/time/clock.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { Dismiss } from '../workers/dismissal.js';
import type { Slot } from '../workers/slot.js';
import type { Workforce } from '../workers/workforce.js';
import { answersAreOut } from './answers-are-out.js';
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
  /** Milliseconds until the former worker has exited, or may be told to drain. */
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
   * Resolves when the former worker has exited. If that worker waits for the answer, resolves when the new worker is ready:
   * the former one drains afterwards.
   *
   * @param caller the worker that waits for the answer, if any
   * @returns `undefined` if there is no such slot when the command starts
   * @throws WorkerFailedError if the replacement failed; the worker then continues to serve
   * @throws HostStoppingError if the host stops first
   */
  of(index: number, caller?: object): Promise<Restarted | undefined> {
    const { commands, workforce } = this.deps;
    const answer = deferred<Restarted | undefined>();
    commands
      .run(async stop => {
        const slot = workforce.slots.find(each => each.index === index);
        answer.resolve(slot && (await this.#restart(slot, stop, answer, caller)));
      })
      .catch((error: Error) => answer.reject(error));
    return answer.promise;
  }

  async #restart(
    slot: Slot,
    stop: AbortSignal,
    answer: Deferred<Restarted | undefined>,
    caller: object | undefined,
  ): Promise<Restarted> {
    const { workforce, clock, logger, dismiss } = this.deps;
    const begunAt = clock.now();
    const isCallers = slot.workers.some(worker => worker === caller);
    logger.log(supervisorMessages.restarting(slot.index));
    const replacement = new Replacement(slot, workforce, dismiss);
    const result = (): Restarted => ({
      slot: slot.index,
      pid: replacement.worker.pid,
      duration: clock.now() - begunAt,
    });
    try {
      await replacement.awaitHealthy(stop);
      if (isCallers) {
        answer.resolve(result());
        await answersAreOut();
      }
      await replacement.finish(stop);
    } catch (error) {
      if (error instanceof WorkerFailedError) {
        logger.error(supervisorMessages.restartFailed(slot.index, error.message));
      }
      throw error;
    }
    return result();
  }
}
