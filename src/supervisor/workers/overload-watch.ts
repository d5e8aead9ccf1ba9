import type { Logger } from '@nestjs/common';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** @internal */
export interface OverloadDependencies {
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly workforce: Pick<Workforce, 'workers' | 'changes'>;
}

/**
 * Which workers take no new connections because they cannot keep up: at most every second one, because
 * somebody has to.
 *
 * @internal
 */
export class OverloadWatch {
  /** Those that have closed, and whether they have been told to open again. */
  readonly #closed = new Map<WorkerHandle, { isTold: boolean }>();

  constructor(private readonly deps: OverloadDependencies) {}

  /** A worker asks whether it may close. */
  ask(worker: WorkerHandle, delay: number): boolean {
    const serving = this.#serving;
    if (!serving.includes(worker) || this.#closed.size >= mostClosed(serving.length)) {
      return false;
    }
    this.#closed.set(worker, { isTold: false });
    worker.isOverloaded = true;
    this.deps.logger.warn(supervisorMessages.overloaded(worker.identify(), delay));
    return true;
  }

  /** A worker has opened again. */
  recovered(worker: WorkerHandle): void {
    if (this.#closed.delete(worker)) {
      worker.isOverloaded = false;
      this.deps.logger.log(supervisorMessages.recovered(worker.identify()));
      this.deps.workforce.changes.check();
    }
  }

  /** There are other workers than before: those that have to take connections again, are told so. */
  check(): void {
    if (this.#closed.size === 0) {
      return;
    }
    const serving = this.#serving;
    for (const worker of this.#closed.keys()) {
      if (!serving.includes(worker)) {
        this.#closed.delete(worker);
      }
    }
    [...this.#closed.keys()]
      .slice(mostClosed(serving.length))
      .forEach(worker => this.#tellToOpen(worker));
  }

  /** The workers that serve, but for these. */
  othersThan(leaving: readonly WorkerHandle[]): readonly WorkerHandle[] {
    return this.#serving.filter(worker => !leaving.includes(worker));
  }

  /** Whether others than these take new connections. */
  someoneElseTakes(leaving: readonly WorkerHandle[]): boolean {
    return this.othersThan(leaving).some(({ takesConnections }) => takesConnections);
  }

  /** Tells others than these to take new connections, as far as they do not. */
  openOthersThan(leaving: readonly WorkerHandle[]): void {
    this.othersThan(leaving).forEach(worker => this.#tellToOpen(worker));
  }

  get #serving(): readonly WorkerHandle[] {
    return this.deps.workforce.workers.filter(({ serves }) => serves);
  }

  #tellToOpen(worker: WorkerHandle): void {
    const closed = this.#closed.get(worker);
    if (closed && !closed.isTold) {
      closed.isTold = true;
      void worker.send({ type: 'open' });
    }
  }
}

function mostClosed(serving: number): number {
  return Math.floor(serving / 2);
}
