import type { Logger } from '@nestjs/common';
import { primaryMessages } from './primary.messages.js';
import type { WorkerHandle } from './worker-handle.js';

/** @internal */
export interface OverloadDependencies {
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  /** The workers that are ready, whether they take new connections or not. */
  readonly serving: () => readonly WorkerHandle[];
}

/**
 * Which workers take no new connections because they cannot keep up: at most every second one, because
 * somebody has to.
 *
 * @internal
 */
export class Overload {
  readonly #closed = new Set<WorkerHandle>();

  constructor(private readonly deps: OverloadDependencies) {}

  /** A worker asks whether it may close. */
  ask(worker: WorkerHandle, delay: number): boolean {
    const serving = this.deps.serving();
    if (!serving.includes(worker) || this.#closed.size >= mostClosed(serving.length)) {
      return false;
    }
    this.#closed.add(worker);
    worker.isOverloaded = true;
    this.deps.logger.warn(primaryMessages.overloaded(worker.identify(), delay));
    return true;
  }

  /** A worker has opened again. */
  recovered(worker: WorkerHandle): void {
    if (this.#closed.delete(worker)) {
      worker.isOverloaded = false;
      this.deps.logger.log(primaryMessages.recovered(worker.identify()));
    }
  }

  /** There are other workers than before: those that have to take connections again, are told so. */
  check(): void {
    if (this.#closed.size === 0) {
      return;
    }
    const serving = this.deps.serving();
    for (const worker of this.#closed) {
      if (!serving.includes(worker)) {
        this.#closed.delete(worker);
      }
    }
    for (const worker of [...this.#closed].slice(mostClosed(serving.length))) {
      void worker.send({ type: 'open' });
    }
  }
}

function mostClosed(serving: number): number {
  return Math.floor(serving / 2);
}
