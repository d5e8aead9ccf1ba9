import type { Logger } from '@nestjs/common';
import type { Clock } from '../../system/time/clock.js';
import { LogLimiter } from '../../system/log-limiter.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from './handle/worker-handle.js';
import type { Workforce } from './workforce.js';

/** A worker that accepts no connections. */
interface Closed {
  /** Whether it has been told to accept them again. */
  isTold: boolean;
  readonly isLogged: boolean;
}

/** @internal */
export interface OverloadDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly workforce: Pick<Workforce, 'workers' | 'changes'>;
}

/**
 * Tracks the workers that accept no new connections because they are overloaded. At most half of the workers may do
 * so, because the others must accept connections.
 *
 * @internal
 */
export class OverloadWatch {
  readonly #closed = new Map<WorkerHandle, Closed>();
  /** Under a load near the limit, overloads alternate with recoveries: one line a minute about each process. */
  readonly #limiter: LogLimiter<number>;

  constructor(private readonly deps: OverloadDependencies) {
    this.#limiter = new LogLimiter({ now: () => deps.clock.now() });
  }

  /** Answers a worker that asks whether it may stop accepting connections. */
  ask(worker: WorkerHandle, delay: number): boolean {
    const serving = this.#serving;
    if (!serving.includes(worker) || this.#closed.size >= mostClosed(serving.length)) {
      return false;
    }
    this.#closed.set(worker, { isTold: false, isLogged: this.#log(worker, delay) });
    worker.isOverloaded = true;
    return true;
  }

  /** Notes that a worker accepts connections again. */
  recovered(worker: WorkerHandle): void {
    const closed = this.#closed.get(worker);
    if (closed) {
      this.#closed.delete(worker);
      worker.isOverloaded = false;
      if (closed.isLogged) {
        this.deps.logger.log(supervisorMessages.recovered(worker.identify()));
      }
      this.deps.workforce.changes.check();
    }
  }

  /** Tells overloaded workers to accept connections again if too few others do, because the workers have changed. */
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

  /** Returns the serving workers without `leaving`. */
  othersThan(leaving: readonly WorkerHandle[]): readonly WorkerHandle[] {
    return this.#serving.filter(worker => !leaving.includes(worker));
  }

  /** Whether other workers than `leaving` accept new connections. */
  someoneElseTakes(leaving: readonly WorkerHandle[]): boolean {
    return this.othersThan(leaving).some(({ takesConnections }) => takesConnections);
  }

  /** Tells other workers than `leaving` to accept new connections, if they do not. */
  openOthersThan(leaving: readonly WorkerHandle[]): void {
    this.othersThan(leaving).forEach(worker => this.#tellToOpen(worker));
  }

  get #serving(): readonly WorkerHandle[] {
    return this.deps.workforce.workers.filter(({ serves }) => serves);
  }

  /** @returns whether the overload is logged */
  #log(worker: WorkerHandle, delay: number): boolean {
    return this.#limiter.log(worker.pid, unlogged =>
      this.deps.logger.warn(supervisorMessages.overloaded(worker.identify(), delay, unlogged)),
    );
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
