import type { WorkerEvent } from '../../../model/events/cluster-event.interface.js';
import type { WorkerExitReason } from '../../../model/host-status.interface.js';
import type { LeaveTerms, SupervisionToWorker } from '../../../ipc/supervision.protocol.js';
import type { Clock } from '../../../system/time/clock.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';
import { afterLastWords } from './last-words.js';
import type { WorkerChannel } from './worker-channel.js';
import type { WorkerEnding } from './worker-ending.js';
import type { WorkerLife } from './worker-life.js';
import type { WorkerLimits } from './worker-limits.js';
import type { WorkerObserver } from './worker-observer.interface.js';
import type { WorkerOutputs } from './worker-outputs.js';

/** @internal */
export interface WorkerDepartureDependencies {
  readonly process: Pick<WorkerProcess, 'kill' | 'stdout' | 'stderr'>;
  readonly clock: Clock;
  readonly life: WorkerLife;
  readonly limits: WorkerLimits;
  readonly outputs: WorkerOutputs;
  readonly ending: WorkerEnding;
  readonly observer: Pick<WorkerObserver, 'onEvent'>;
  readonly channel: Pick<WorkerChannel, 'post' | 'close'>;
  /** Returns what every event of the worker has. */
  readonly mark: () => WorkerEvent;
}

/**
 * Makes a worker leave or kills it, and notes the end of its process.
 *
 * @internal
 */
export class WorkerDeparture {
  constructor(private readonly deps: WorkerDepartureDependencies) {}

  /** Tells the worker to drain and exit. */
  drain(terms: LeaveTerms, signal: NodeJS.Signals | undefined): void {
    const { process, life, ending, channel } = this.deps;
    if (life.hasEnded) {
      return;
    }
    ending.ordered();
    if (life.state === 'booting') {
      // It has no requests in flight yet, and its code may not receive messages. SIGTERM ends it either way.
      process.kill('SIGTERM');
    } else {
      const order: SupervisionToWorker = { type: 'drain', ...terms, ...(signal && { signal }) };
      void channel.post(order);
    }
    this.leaves(terms);
  }

  /** Notes that the worker leaves, and limits the time that it has. */
  leaves({ cause, timeout }: LeaveTerms): void {
    const { life, limits, outputs, ending, observer, mark } = this.deps;
    if (life.hasEnded) {
      return;
    }
    ending.drains(cause);
    // First, because output that is read again restarts the boot timeout.
    outputs.letFlow();
    limits.toLeave(timeout);
    if (life.become('draining')) {
      observer.onEvent({ type: 'workerDraining', cause, ...mark() });
    }
  }

  kill(reason: WorkerExitReason): void {
    const { process, life, ending } = this.deps;
    if (!life.hasEnded) {
      ending.killed(reason);
      process.kill('SIGKILL');
    }
  }

  /** Notes the end of its process, and reports it when the last output has arrived. */
  onExit(code: number | null, signal: NodeJS.Signals | null): void {
    const { process, clock, life, limits, outputs, ending, observer, channel, mark } = this.deps;
    life.become('ended');
    const { exceeded } = limits;
    limits.end();
    channel.close();
    outputs.letFlow();
    const reason = ending.reason(life, code, signal, exceeded !== undefined);
    afterLastWords(process, clock, () => {
      life.become('exited');
      const { uptime } = life;
      const budget = limits.missed ?? (reason === 'drain-timeout' ? exceeded : undefined);
      const details = { code, signal, reason, uptime, ...(budget !== undefined && { budget }) };
      observer.onEvent(ending.conclude({ ...mark(), ...details }));
    });
  }
}
