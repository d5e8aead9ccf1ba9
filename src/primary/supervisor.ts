import type { Logger } from '@nestjs/common';
import type { ClusterEvent, WorkerExitedEvent } from '../events/cluster-event.interface.js';
import type { DrainCause, HostStatus } from '../events/worker-facts.js';
import type { ResolvedClusterOptions } from '../options/resolve-options.js';
import type { Clock } from '../process/clock.js';
import type { Exit } from '../process/exit.js';
import type { LeaveTerms, Question } from '../wire/messages.js';
import { BootFailures } from './boot-failures.js';
import type { BusDesk } from './bus-desk.js';
import { CommandQueue } from './command-queue.js';
import type { EventHub } from './event-hub.js';
import { logExit } from './log-exit.js';
import { type Deferred, deferred } from './deferred.js';
import { errorLine } from './output-summary.js';
import { primaryMessages } from './primary.messages.js';
import { countFailure, restartDelay, shouldGiveUp } from './restart-policy.js';
import type { Slot } from './slot.js';
import type { StateDesk } from './state-desk.js';
import { WorkerHandle } from './worker-handle.js';
import type { Fork } from './worker-process.js';
import { Workforce } from './workforce.js';

/** How long signals to one process group may be apart in reaching its processes. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** How long a stop waits for idle connections when somebody waits for the stop. */
const INTERACTIVE_IDLE_MILLISECONDS = 500;

/** What the supervisor needs from outside. @internal */
export interface SupervisorDependencies {
  readonly options: ResolvedClusterOptions;
  readonly fork: Fork;
  readonly clock: Clock;
  readonly exit: Exit;
  readonly events: EventHub;
  readonly state: StateDesk;
  readonly bus: BusDesk;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error' | 'fatal'>;
  /** Under an inspector somebody steps through the boot: no deadline then. */
  readonly inspected: boolean;
  /** Somebody sits at the terminal, and waits: idle connections of browsers do not hold up a stop. */
  readonly interactive: boolean;
  /** Takes no further connections, but lets workers have those that were accepted. */
  readonly closePort: () => Promise<void>;
  /** Told the process ids of all workers whenever they change. */
  readonly onWorkersChanged: (pids: readonly number[]) => void;
}

/**
 * Keeps as many workers running as are wanted, and brings them all down when the host stops.
 *
 * Driven by what the worker handles tell; decides by the policies in `restart-policy.ts`. What
 * changes which workers there are is a command in its queue.
 *
 * @internal
 */
export class Supervisor {
  readonly #workforce: Workforce;
  readonly #commands = new CommandQueue();
  readonly #bootFailures = new BootFailures();
  readonly #startedAt: number;
  readonly #generation = 0;
  #stop: { readonly deadline: number; readonly portClosed: Deferred } | undefined;
  #exitCode = 0;
  #killed = 0;

  constructor(private readonly deps: SupervisorDependencies) {
    const { options, clock, onWorkersChanged } = deps;
    this.#startedAt = clock.now();
    this.#workforce = new Workforce(
      options.workers,
      clock,
      slot => this.#fork(slot),
      onWorkersChanged,
    );
  }

  /** Forks all workers; resolves when each of them is ready, or when the host stops before. */
  start(): Promise<void> {
    const { options, logger, clock } = this.deps;
    logger.log(primaryMessages.starting(options));
    return this.#commands.run(async signal => {
      const { slots, changes } = this.#workforce;
      slots.forEach(slot => this.#workforce.fill(slot));
      await changes.until(() => this.#workforce.isComplete, signal);
      if (!signal.aborted) {
        logger.log(primaryMessages.allReady(options.workers, clock.now() - this.#startedAt));
      }
    });
  }

  /** Drains all workers side by side within one budget, and ends the process. */
  stop(signal: NodeJS.Signals): void {
    if (!this.#stop) {
      void this.#drainAll(signal);
    }
  }

  /** Kills all workers; a stop that is under way then comes to its end. */
  stopAtOnce(exitCode: number): void {
    this.deps.logger.warn(primaryMessages.stoppedAtOnce());
    this.#exitCode = exitCode;
    this.#workforce.workers.forEach(worker => worker.kill('killed'));
  }

  status(): HostStatus {
    return {
      pid: process.pid,
      uptime: this.deps.clock.now() - this.#startedAt,
      state: this.#stop ? 'stopping' : 'running',
      generation: this.#generation,
      wanted: this.#workforce.slots.length,
      workers: this.#workforce.status(),
    };
  }

  async #drainAll(signal: NodeJS.Signals): Promise<void> {
    const { options, logger, clock, closePort } = this.deps;
    const begunAt = clock.now();
    const { timeout, readinessDelay } = options.shutdown;
    const stop = this.#beginStop(begunAt + timeout);
    logger.log(primaryMessages.stopping(signal, this.#workforce.workers.length, timeout));
    await this.#commands.preempt(async () => {
      if (readinessDelay > 0 && this.#workforce.readyCount > 0) {
        logger.log(primaryMessages.readinessDelay(readinessDelay));
        await this.#workforce.changes.untilOr(readinessDelay, () => this.#workforce.isEmpty);
      }
      await closePort();
      stop.portClosed.resolve();
      this.#workforce.workers.forEach(worker => worker.drain(this.#terms('stop'), signal));
      await this.#workforce.changes.until(() => this.#workforce.isEmpty);
    });
    logger.log(primaryMessages.stopped(clock.now() - begunAt, this.#killed));
    this.deps.exit(this.#exitCode || (this.#killed > 0 ? 1 : 0));
  }

  #giveUp(error: string | undefined): void {
    const { logger, clock, exit } = this.deps;
    this.#beginStop(clock.now());
    logger.fatal(primaryMessages.gaveUp(this.#bootFailures.count, error));
    void this.#commands.preempt(async () => {
      this.#workforce.workers.forEach(worker => worker.kill('killed'));
      await this.#workforce.changes.until(() => this.#workforce.isEmpty);
      exit(1);
    });
  }

  #beginStop(deadline: number): { readonly portClosed: Deferred } {
    this.#stop = { deadline, portClosed: deferred() };
    this.#workforce.cancelRefills();
    this.#workforce.changes.check();
    return this.#stop;
  }

  /** On what terms a worker leaves now. */
  #terms(cause: DrainCause): LeaveTerms {
    const { clock, options, interactive } = this.deps;
    const timeout = this.#stop
      ? Math.max(0, this.#stop.deadline - clock.now())
      : options.shutdown.timeout;
    return { cause, timeout, ...(interactive && { idleTimeout: INTERACTIVE_IDLE_MILLISECONDS }) };
  }

  #fork(slot: Slot): WorkerHandle {
    const { fork, options, clock, inspected, events, state, bus } = this.deps;
    return new WorkerHandle(
      fork({ slot: slot.index, generation: this.#generation }),
      slot.index,
      this.#generation,
      inspected ? undefined : options.boot.timeout,
      clock,
      {
        onEvent: (worker, event) => this.#onEvent(slot, worker, event),
        onQuestion: (worker, question) => this.#onQuestion(slot, worker, question),
        onWatch: worker => events.watch(worker),
        onClient: (worker, client, key) => state.noteClient(worker, client, key),
        onPositions: (worker, positions) => bus.keepPositions(worker, positions),
      },
    );
  }

  #onEvent(slot: Slot, worker: WorkerHandle, event: ClusterEvent): void {
    this.deps.events.publish(event);
    switch (event.type) {
      case 'workerReady':
        this.#bootFailures.clear(slot.index);
        this.deps.state.ready(worker);
        this.deps.logger.log(primaryMessages.ready(event, event.bootTime, worker.addresses));
        break;
      case 'workerDraining':
        this.deps.state.leaves(worker);
        if (!this.#stop) {
          this.deps.logger.log(primaryMessages.draining(event, event.cause));
        }
        this.#succeed(slot, worker, event.cause);
        break;
      case 'workerExited':
        this.#onExit(slot, worker, event);
        break;
      case 'workerForked':
      case 'workerOnline':
      case 'workerListening':
      case 'workerDisconnected':
        break;
    }
    this.#workforce.changed();
  }

  #onQuestion(slot: Slot, worker: WorkerHandle, question: Question): void {
    switch (question.name) {
      case 'flush':
        question.answer(null);
        break;
      case 'leave':
        void this.#onLeave(slot, worker, question.asks).then(question.answer);
        break;
      case 'status':
        question.answer(this.status());
        break;
      case 'execute':
      case 'recall':
        this.deps.state.answer(worker, question);
        break;
      case 'bus':
      case 'positions':
        this.deps.bus.answer(worker, question);
        break;
    }
  }

  /**
   * A worker wants to leave; it serves on until it is told the terms. The signal that makes it may be
   * meant for the whole host, as when systemd stops a service: then ours is a moment behind at most.
   */
  async #onLeave(slot: Slot, worker: WorkerHandle, cause: DrainCause): Promise<LeaveTerms> {
    if (cause === 'signal') {
      await this.#unlessStopping(GROUP_SIGNAL_MILLISECONDS, () => false);
    }
    const someoneElse = () =>
      this.#workforce.workers.some(other => other !== worker && other.state === 'ready');
    if (worker.state === 'ready' && !someoneElse()) {
      // The last one takes the port with it.
      this.#succeed(slot, worker, cause);
      await this.#unlessStopping(this.deps.options.shutdown.timeout, someoneElse);
    }
    await this.#stop?.portClosed.promise;
    const terms = this.#terms(this.#stop ? 'stop' : cause);
    worker.leaves(terms);
    return terms;
  }

  /** Waits for `condition`, at most so long, and not beyond the beginning of a stop. */
  async #unlessStopping(milliseconds: number, condition: () => boolean): Promise<void> {
    await this.#workforce.changes.untilOr(
      milliseconds,
      () => condition() || this.#stop !== undefined,
    );
  }

  /** A worker leaves its slot to the next one, unless it has done so before. */
  #succeed(slot: Slot, worker: WorkerHandle, cause: DrainCause): void {
    if (!slot.vacate(worker) || this.#stop) {
      return;
    }
    if (cause === 'signal' && worker.readyFor > 0) {
      // Somebody wants it so: not a failure.
      this.#workforce.refillAfter(slot, 0);
    } else {
      this.#replace(slot, worker);
    }
  }

  #onExit(slot: Slot, worker: WorkerHandle, event: WorkerExitedEvent): void {
    const heldItsSlot = slot.current === worker;
    const { code, signal, reason, at } = event;
    const error = reason === 'left' ? undefined : errorLine(worker.output?.tail ?? '');
    slot.remember(worker, { code, signal, reason, at, ...(error !== undefined && { error }) });
    this.deps.events.unwatch(worker);
    this.deps.state.exited(worker);
    this.deps.bus.exited(worker);
    if (this.#stop && (reason === 'drain-timeout' || reason === 'killed')) {
      this.#killed++;
    }
    const hasFailedToBoot = reason === 'boot-failed' || reason === 'boot-timeout';
    if (hasFailedToBoot) {
      this.#bootFailures.add(slot.index, worker.output);
    } else if (worker.readyFor === 0) {
      this.#bootFailures.printNews(slot.index, worker.output);
    }
    const isHopeless = hasFailedToBoot && !this.#stop && this.#shouldGiveUp();
    const mayReplace = heldItsSlot && !this.#stop && !isHopeless;
    logExit(this.deps.logger, event, mayReplace ? this.#replace(slot, worker) : undefined);
    if (isHopeless) {
      this.#giveUp(error);
    }
  }

  /** Replaces a worker that has gone, or goes, from its slot; the answer is after how many milliseconds. */
  #replace(slot: Slot, worker: WorkerHandle): number {
    slot.failures = countFailure(slot.failures, worker.readyFor);
    const delay = restartDelay(slot.failures, this.deps.options.restart);
    this.#workforce.refillAfter(slot, delay);
    return delay;
  }

  #shouldGiveUp(): boolean {
    const { giveUpAfter } = this.deps.options.restart;
    return shouldGiveUp(this.#bootFailures.count, this.#workforce.readyCount, giveUpAfter);
  }
}
