import type { Logger } from '@nestjs/common';
import type { DrainCause, WorkerExitReason } from '../model/host-status.interface.js';
import type { Clock } from '../system/time/clock.js';
import type { Exit } from '../system/process/exit.js';
import type { LeaveTerms } from '../ipc/supervision.protocol.js';
import type { CommandQueue } from './commands/command-queue.js';
import { type Deferred, deferred } from '../system/async/deferred.js';
import { supervisorMessages } from './supervisor.messages.js';
import type { Workforce } from './workers/workforce.js';

/** Milliseconds for which a stop waits for idle connections if somebody waits at the terminal. */
const INTERACTIVE_IDLE_MILLISECONDS = 500;

/** The share of the remaining budget after which the port closes even if connections are still waiting to be accepted. */
const CLOSING_SHARE = 0.2;

/** @internal */
export interface ShutdownDependencies {
  readonly options: { readonly timeout: number; readonly readinessDelay: number };
  readonly workforce: Workforce;
  readonly commands: CommandQueue;
  readonly clock: Clock;
  readonly exit: Exit;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'fatal'>;
  /** Whether somebody waits at the terminal: idle connections of browsers then do not delay the stop. */
  readonly interactive: boolean;
  /** Stops accepting connections within `timeout` ms; connections that were accepted still reach the workers. */
  readonly closePort: (timeout: number) => Promise<void>;
}

/**
 * Stops the host: all workers drain in parallel within one budget, and then the process exits.
 *
 * @internal
 */
export class HostShutdown {
  #stop: { readonly deadline: number; readonly portClosed: Deferred } | undefined;
  #exitCode = 0;
  #unclean = 0;
  readonly #onBegin: (() => void)[] = [];

  constructor(private readonly deps: ShutdownDependencies) {}

  /** Calls `listener` when the stop begins: no further workers may be started. */
  onBegin(listener: () => void): void {
    this.#onBegin.push(listener);
  }

  get isUnderWay(): boolean {
    return this.#stop !== undefined;
  }

  /** Resolves when the port is closed, or at once if the host is not stopping. */
  async portClosed(): Promise<void> {
    await this.#stop?.portClosed.promise;
  }

  /** The terms on which a worker that leaves now must drain. */
  terms(cause: DrainCause): LeaveTerms {
    const { clock, options, interactive } = this.deps;
    const timeout = this.#stop ? Math.max(0, this.#stop.deadline - clock.now()) : options.timeout;
    return {
      cause: this.#stop ? 'stop' : cause,
      timeout,
      ...(interactive && { idleTimeout: INTERACTIVE_IDLE_MILLISECONDS }),
    };
  }

  /**
   * @param signal the signal that the workers get as the reason
   * @param why what the log has as the reason
   */
  async drainAll(signal: NodeJS.Signals, why: string = signal): Promise<void> {
    const { options, workforce, commands, logger, clock, closePort, exit } = this.deps;
    if (this.#stop) {
      return;
    }
    const begunAt = clock.now();
    const { timeout, readinessDelay } = options;
    const stop = this.#begin(begunAt + timeout);
    logger.log(supervisorMessages.stopping(why, workforce.workers.length, timeout));
    await commands.preempt(async () => {
      if (readinessDelay > 0 && workforce.readyCount > 0) {
        logger.log(supervisorMessages.readinessDelay(readinessDelay));
        await workforce.changes.untilOr(readinessDelay, () => workforce.isEmpty);
      }
      await closePort(Math.max(0, stop.deadline - clock.now()) * CLOSING_SHARE);
      stop.portClosed.resolve();
      workforce.workers.forEach(worker => worker.drain(this.terms('stop'), signal));
      await workforce.changes.until(() => workforce.isEmpty);
    });
    logger.log(supervisorMessages.stopped(clock.now() - begunAt, this.#unclean));
    exit(this.#exitCode || (this.#unclean > 0 ? 1 : 0));
  }

  /** Kills all workers; a stop that is under way then finishes. */
  killAll(exitCode: number): void {
    this.deps.logger.warn(supervisorMessages.stoppedAtOnce());
    this.#exitCode = exitCode;
    this.deps.workforce.workers.forEach(worker => worker.kill('killed'));
  }

  /** Ends a host that cannot serve. */
  giveUp(why: string): void {
    const { logger, clock, workforce, commands, exit } = this.deps;
    this.#begin(clock.now());
    logger.fatal(why);
    void commands.preempt(async () => {
      workforce.workers.forEach(worker => worker.kill('killed'));
      await workforce.changes.until(() => workforce.isEmpty);
      exit(1);
    });
  }

  /** Notes that a worker has exited. */
  noteExit(reason: WorkerExitReason): void {
    // Workers are killed by a second signal, which sets its own exit code, or because of a failed reload.
    if (this.#stop && reason !== 'left' && reason !== 'killed') {
      this.#unclean++;
    }
  }

  #begin(deadline: number): { readonly deadline: number; readonly portClosed: Deferred } {
    this.#stop = { deadline, portClosed: deferred() };
    this.#onBegin.forEach(listener => listener());
    this.deps.workforce.changes.check();
    return this.#stop;
  }
}
