import type { DrainCause } from '../events/worker-facts.js';
import type { LeaveTerms } from '../wire/messages.js';
import type { Overload } from './overload.js';
import type { Refilling } from './refilling.js';
import type { Shutdown } from './shutdown.js';
import type { WorkerHandle } from './worker-handle.js';
import type { Workforce } from './workforce.js';

/** How long signals to one process group may be apart in reaching its processes. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** @internal */
export interface DeparturesDependencies {
  /** Milliseconds that the last worker waits at most for somebody who takes over. */
  readonly timeout: number;
  readonly workforce: Workforce;
  readonly overload: Overload;
  readonly refilling: Refilling;
  readonly shutdown: Shutdown;
}

/**
 * Lets single workers go without leaving the port to nobody.
 *
 * @internal
 */
export class Departures {
  constructor(private readonly deps: DeparturesDependencies) {}

  /** Sends workers away of which the place has been taken, or is no longer needed. */
  async dismiss(workers: readonly WorkerHandle[], cause: DrainCause): Promise<void> {
    const { overload, shutdown } = this.deps;
    await overload.untilSomeoneElse(workers);
    if (!shutdown.isUnderWay) {
      workers.forEach(worker => worker.drain(shutdown.terms(cause)));
    }
  }

  /**
   * A worker wants to leave; it serves on until it is told the terms. The signal that makes it may be
   * meant for the whole host, as when systemd stops a service: then ours is a moment behind at most.
   */
  async letGo(worker: WorkerHandle, cause: DrainCause): Promise<LeaveTerms> {
    const { workforce, overload, refilling, shutdown, timeout } = this.deps;
    if (cause === 'signal') {
      await this.#unlessStopping(GROUP_SIGNAL_MILLISECONDS, () => false);
    }
    const someoneElse = (): boolean =>
      workforce.workers.some(other => other !== worker && other.serves);
    if (worker.state === 'ready' && !someoneElse()) {
      // The last one takes the port with it.
      refilling.succeed(worker, cause === 'signal');
      await this.#unlessStopping(timeout, someoneElse);
    }
    if (!shutdown.isUnderWay) {
      await overload.untilSomeoneElse([worker]);
    }
    await shutdown.portClosed();
    const terms = shutdown.terms(cause);
    worker.leaves(terms);
    return terms;
  }

  /** Waits for `condition`, at most so long, and not beyond the beginning of a stop. */
  async #unlessStopping(milliseconds: number, condition: () => boolean): Promise<void> {
    const { workforce, shutdown } = this.deps;
    await workforce.changes.untilOr(milliseconds, () => condition() || shutdown.isUnderWay);
  }
}
