import type { Logger } from '@nestjs/common';
import { bytesPerWorker, type MemoryBound } from '../../config/memory-bound.js';
import type { MemoryOfHost } from '../../system/limits/memory-share.js';
import type { Clock } from '../../system/time/clock.js';
import { supervisorMessages } from '../supervisor.messages.js';
import {
  type RecycleLimits,
  recycleReason,
  type RecycleReason,
  recycleShare,
} from '../policies/recycle-policy.js';
import type { Dismiss } from '../workers/dismissal.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { Workforce } from '../workers/workforce.js';
import type { CommandQueue } from './command-queue.js';
import { Replacement } from './replacement.js';
import { WorkerFailedError } from './worker-failed.error.js';

/** Milliseconds until recycling is tried again after a replacement has failed. */
const RETRY_AFTER = 60_000;

/** @internal */
export interface RecyclingDependencies {
  readonly options: {
    readonly maxMemory: MemoryBound;
    readonly maxRequests: number;
    readonly maxAge: number;
    readonly jitter: number;
  };
  /** The memory that `recycle.maxMemory` is a share of. */
  readonly memory: MemoryOfHost;
  readonly commands: CommandQueue;
  readonly workforce: Workforce;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error'>;
  /** Makes a replaced worker drain. */
  readonly dismiss: Dismiss;
}

/**
 * Replaces workers that have reached a limit of memory, requests or age, one at a time; each replacement becomes
 * ready first.
 *
 * @internal
 */
export class Recycling {
  readonly #shares = new WeakMap<WorkerHandle, number>();
  readonly #waiting = new WeakSet<WorkerHandle>();
  /** Workers that replace one that used too much memory, from their fork on. */
  readonly #successors = new WeakSet<WorkerHandle>();
  #pausedUntil = 0;

  constructor(private readonly deps: RecyclingDependencies) {}

  /** Checks a worker whose vitals have changed. */
  consider(worker: WorkerHandle): void {
    const { commands, logger } = this.deps;
    const { vitals } = worker;
    if (!vitals || !worker.serves || this.#isPaused || this.#waiting.has(worker)) {
      return;
    }
    const share = this.#shareOf(worker);
    const age = worker.readyFor;
    const reason = recycleReason({ ...vitals, age }, this.#limits, share);
    if (reason === 'memory' && this.#successors.has(worker) && age < RETRY_AFTER) {
      this.#pause();
      this.#successors.delete(worker);
      logger.warn(supervisorMessages.recyclingInVain(worker, RETRY_AFTER));
    } else if (reason) {
      this.#waiting.add(worker);
      commands
        .run(stop => this.#recycle(worker, reason, stop))
        // Failures have been logged, and a stop ends every worker.
        .catch(() => {})
        .finally(() => this.#waiting.delete(worker));
    }
  }

  get #limits(): RecycleLimits {
    const { options, memory, workforce } = this.deps;
    const processes = workforce.slots.length + workforce.spares.length;
    const maxMemory = bytesPerWorker(options.maxMemory, memory, processes);
    return { ...options, maxMemory };
  }

  get #isPaused(): boolean {
    return this.deps.clock.now() < this.#pausedUntil;
  }

  #pause(): void {
    this.#pausedUntil = this.deps.clock.now() + RETRY_AFTER;
  }

  async #recycle(worker: WorkerHandle, reason: RecycleReason, stop: AbortSignal): Promise<void> {
    const { workforce, logger, dismiss } = this.deps;
    const slot = workforce.slots.find(({ current }) => current === worker);
    if (!slot || !worker.serves || this.#isPaused) {
      return;
    }
    logger.log(supervisorMessages.recycling(worker, reason));
    const replacement = new Replacement(slot, workforce, dismiss);
    const successor = replacement.worker;
    if (reason === 'memory') {
      // At once: its first vitals may be read before the wait for it goes on.
      this.#successors.add(successor);
    }
    try {
      await replacement.awaitHealthy(stop);
      await replacement.finish(stop);
    } catch (error) {
      this.#successors.delete(successor);
      // A worker that received a signal has not failed: the next heartbeat tries again.
      if (error instanceof WorkerFailedError && !successor.ending.leftOnSignal) {
        this.#pause();
        logger.error(supervisorMessages.recyclingFailed(worker, error.message, RETRY_AFTER));
      }
      throw error;
    }
  }

  #shareOf(worker: WorkerHandle): number {
    const share = this.#shares.get(worker) ?? recycleShare(this.deps.options.jitter);
    this.#shares.set(worker, share);
    return share;
  }
}
