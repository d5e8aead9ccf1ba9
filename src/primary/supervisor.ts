import type { Logger } from '@nestjs/common';
import type { WorkerExitedEvent, WorkerLifecycleEvent } from '../events/cluster-event.interface.js';
import { type DrainCause, type HostStatus, NO_SLOT } from '../events/worker-facts.js';
import type { MemoryOfHost } from '../options/memory-share.js';
import type { ResolvedClusterOptions } from '../options/resolve-options.js';
import type { Clock } from '../process/clock.js';
import type { Exit } from '../process/exit.js';
import type { LeaveTerms, Question } from '../wire/messages.js';
import { BootFailures } from './boot-failures.js';
import type { BusDesk } from './bus-desk.js';
import { CommandQueue } from './commands/command-queue.js';
import { commandOutcome } from './commands/command-outcome.js';
import { Recycling } from './commands/recycling.js';
import type { Dismiss } from './commands/replacement.js';
import { Reloads } from './commands/reloads.js';
import { Scaling } from './commands/scaling.js';
import type { EventHub } from './event-hub.js';
import { logExit } from './log-exit.js';
import { type Deferred, deferred } from './deferred.js';
import { errorLine } from './output-summary.js';
import type { ReadBlockedStack } from './blocked-stack/read-blocked-stack.js';
import { Overload } from './overload.js';
import { primaryMessages } from './primary.messages.js';
import { countFailure, restartDelay, shouldGiveUp } from './restart-policy.js';
import type { Slot } from './slot.js';
import { Spares } from './spares.js';
import type { StateDesk } from './state-desk.js';
import { WorkerHandle } from './worker-handle.js';
import type { Fork } from './worker-process.js';
import { Workforce } from './workforce.js';

/** How long signals to one process group may be apart in reaching its processes. */
const GROUP_SIGNAL_MILLISECONDS = 50;

/** How long a stop waits for idle connections when somebody waits for the stop. */
const INTERACTIVE_IDLE_MILLISECONDS = 500;

/** How long it may take to find out where a worker hangs, before it is killed. */
const STACK_MILLISECONDS = 1_000;

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
  /** Under an inspector somebody steps through the code: nothing is too slow then. */
  readonly inspected: boolean;
  /** Somebody sits at the terminal, and waits: idle connections of browsers do not hold up a stop. */
  readonly interactive: boolean;
  /** Takes no further connections, but lets workers have those that were accepted. */
  readonly closePort: () => Promise<void>;
  /** Told the process ids of all workers whenever they change. */
  readonly onWorkersChanged: (pids: readonly number[]) => void;
  /** What shares of the memory are shares of. */
  readonly memory: MemoryOfHost;
  readonly readBlockedStack: ReadBlockedStack;
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
  readonly #reloads: Reloads;
  readonly #scaling: Scaling;
  readonly #recycling: Recycling;
  readonly #spares: Spares;
  readonly #overload: Overload;
  readonly #bootFailures = new BootFailures();
  readonly #startedAt: number;
  #stop: { readonly deadline: number; readonly portClosed: Deferred } | undefined;
  #exitCode = 0;
  #unclean = 0;

  constructor(private readonly deps: SupervisorDependencies) {
    const { options, clock, logger, events } = deps;
    const dismiss =
      (cause: DrainCause): Dismiss =>
      (...workers) =>
        this.#dismiss(workers, cause);
    this.#startedAt = clock.now();
    this.#workforce = new Workforce(
      options.workers,
      clock,
      (slot, standsBy = false) => this.#fork(slot.index, standsBy),
      () => this.#onWorkersChanged(),
    );
    const shared = { commands: this.#commands, workforce: this.#workforce, clock, logger };
    this.#spares = new Spares({
      ...shared,
      count: options.spare,
      restart: options.restart,
      fork: () => this.#fork(NO_SLOT, true),
      generation: () => this.#reloads.generation,
      dismiss: dismiss('reload'),
      onPromoted: spare => deps.bus.promoted(spare),
    });
    this.#reloads = new Reloads({
      ...shared,
      options: options.reload,
      dismiss: dismiss('reload'),
      publish: event => events.publish(event),
      onEnd: () => this.#spares.renew(),
    });
    this.#scaling = new Scaling({
      ...shared,
      fill: slot => this.#spares.promote(slot, 0) ?? this.#workforce.fill(slot),
      dismiss: dismiss('scale'),
    });
    this.#overload = new Overload(shared);
    this.#recycling = new Recycling({
      ...shared,
      options: options.recycle,
      memory: deps.memory,
      dismiss: dismiss('recycle'),
    });
  }

  /** Forks all workers; resolves when each of them is ready, or when the host stops before. */
  async start(): Promise<void> {
    const { options, logger, clock } = this.deps;
    logger.log(primaryMessages.starting(options));
    // No command: one slot that cannot boot does not keep anybody from reloading or scaling.
    this.#workforce.slots.forEach(slot => this.#workforce.fill(slot));
    await this.#workforce.changes.until(() => this.#workforce.isComplete || this.#isStopping);
    if (!this.#isStopping) {
      const workers = this.#workforce.slots.length;
      logger.log(primaryMessages.allReady(workers, clock.now() - this.#startedAt));
      this.#spares.open();
    }
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

  /** Replaces all workers. What becomes of it is logged. */
  reload(): void {
    this.#reloads.ask().catch(() => {});
  }

  /** One worker more, or one less, but not none. What becomes of it is logged. */
  scaleBy(workers: 1 | -1): void {
    this.#scaling.to(now => Math.max(1, now + workers)).catch(() => {});
  }

  status(): HostStatus {
    return {
      pid: process.pid,
      uptime: this.deps.clock.now() - this.#startedAt,
      state: this.#stop ? 'stopping' : 'running',
      generation: this.#reloads.generation,
      wanted: this.#workforce.slots.length,
      workers: this.#workforce.status(),
      spares: this.#workforce.spares.map(spare => ({ ...spare.describe(), restarts: 0 })),
    };
  }

  get #isStopping(): boolean {
    return this.#stop !== undefined;
  }

  /** Sends workers away; the port must not be left without anybody who takes connections. */
  async #dismiss(workers: readonly WorkerHandle[], cause: DrainCause): Promise<void> {
    await this.#overload.untilSomeoneElse(workers);
    if (!this.#isStopping) {
      workers.forEach(worker => worker.drain(this.#terms(cause)));
    }
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
    logger.log(primaryMessages.stopped(clock.now() - begunAt, this.#unclean));
    this.deps.exit(this.#exitCode || (this.#unclean > 0 ? 1 : 0));
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
    this.#spares.close();
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

  #fork(slot: number, standsBy: boolean): WorkerHandle {
    const { fork, options, clock, inspected, events, state, bus } = this.deps;
    const { generation } = this.#reloads;
    return new WorkerHandle(
      fork({ slot, generation, standsBy }),
      {
        slot,
        generation,
        bootTimeout: inspected ? undefined : options.boot.timeout,
        heartbeat: inspected ? { ...options.heartbeat, interval: 0 } : options.heartbeat,
      },
      clock,
      {
        onEvent: (worker, event) => this.#onEvent(worker, event),
        onQuestion: (worker, question) => this.#onQuestion(worker, question),
        onVitals: worker => this.#recycling.consider(worker),
        onRecovered: worker => this.#overload.recovered(worker),
        onSilent: worker => void this.#onSilent(worker),
        onUnpromotable: worker => this.#onUnpromotable(worker),
        onWatch: worker => events.watch(worker),
        onClient: (worker, client, key) => state.noteClient(worker, client, key),
        onPositions: (worker, positions) => bus.keepPositions(worker, positions),
      },
    );
  }

  /** A spare is pointless then; another one has its place already, and works in it. */
  #onUnpromotable(worker: WorkerHandle): void {
    if (worker.slot === NO_SLOT) {
      this.#spares.onUnpromotable(worker);
    } else {
      worker.promote(worker.slot);
    }
  }

  #onWorkersChanged(): void {
    const pids = this.#workforce.workers.map(({ pid }) => pid);
    this.deps.onWorkersChanged(pids.filter(pid => pid > 0));
    this.#overload.check();
  }

  #onEvent(worker: WorkerHandle, event: WorkerLifecycleEvent): void {
    this.deps.events.publish(event);
    switch (event.type) {
      case 'workerReady':
        this.#bootFailures.clear(worker.slot);
        this.deps.state.ready(worker);
        this.deps.logger.log(primaryMessages.ready(event, event.bootTime, worker.addresses));
        break;
      case 'workerStandby':
        this.#spares.onStandby(worker);
        this.deps.logger.log(primaryMessages.standby(event, event.bootTime));
        break;
      case 'workerDraining':
        this.deps.state.leaves(worker);
        if (!this.#stop) {
          this.deps.logger.log(primaryMessages.draining(event, event.cause));
        }
        this.#succeed(worker, event.cause === 'signal');
        break;
      case 'workerExited':
        this.#onExit(worker, event);
        break;
      case 'workerForked':
      case 'workerOnline':
      case 'workerListening':
      case 'workerDisconnected':
        break;
    }
    this.#workforce.changed();
  }

  #onQuestion(worker: WorkerHandle, question: Question): void {
    switch (question.name) {
      case 'flush':
        question.answer(null);
        break;
      case 'leave':
        void this.#onLeave(worker, question.asks).then(question.answer);
        break;
      case 'status':
        question.answer(this.status());
        break;
      case 'reload':
        void commandOutcome(this.#reloads.ask(worker), question.answer);
        break;
      case 'scale':
        void commandOutcome(
          this.#scaling.to(() => question.asks),
          question.answer,
        );
        break;
      case 'overloaded':
        question.answer(this.#overload.ask(worker, question.asks));
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
  async #onLeave(worker: WorkerHandle, cause: DrainCause): Promise<LeaveTerms> {
    if (cause === 'signal') {
      await this.#unlessStopping(GROUP_SIGNAL_MILLISECONDS, () => false);
    }
    const someoneElse = () =>
      this.#workforce.workers.some(other => other !== worker && other.serves);
    if (worker.state === 'ready' && !someoneElse()) {
      // The last one takes the port with it.
      this.#succeed(worker, cause === 'signal');
      await this.#unlessStopping(this.deps.options.shutdown.timeout, someoneElse);
    }
    if (!this.#isStopping) {
      await this.#overload.untilSomeoneElse([worker]);
    }
    await this.#stop?.portClosed.promise;
    const terms = this.#terms(this.#stop ? 'stop' : cause);
    worker.leaves(terms);
    return terms;
  }

  /** Waits for `condition`, at most so long, and not beyond the beginning of a stop. */
  async #unlessStopping(milliseconds: number, condition: () => boolean): Promise<void> {
    await this.#workforce.changes.untilOr(milliseconds, () => condition() || this.#isStopping);
  }

  /** A worker is blocked. Another one takes its place while we find out where. */
  async #onSilent(worker: WorkerHandle): Promise<void> {
    const { options, logger, readBlockedStack } = this.deps;
    this.#succeed(worker, false);
    this.#workforce.changed();
    const stack = await worker.readStack(readBlockedStack, STACK_MILLISECONDS);
    if (worker.state !== 'exited') {
      logger.error(primaryMessages.hung(worker.identify(), options.heartbeat.timeout, stack));
      worker.kill('hung');
    }
  }

  /**
   * A worker leaves its slot to the next one, unless it has done so before.
   *
   * @param isWanted whether somebody wants it so, and it is not a failure
   */
  #succeed(worker: WorkerHandle, isWanted: boolean): void {
    const slot = this.#workforce.slotOf(worker);
    if (slot?.vacate(worker)) {
      if (isWanted && worker.readyFor > 0) {
        this.#refill(slot, 0);
      } else {
        this.#replace(slot, worker);
      }
    }
  }

  #onExit(worker: WorkerHandle, event: WorkerExitedEvent): void {
    const slot = this.#workforce.slotOf(worker);
    const { code, signal, reason, at } = event;
    const error = reason === 'left' ? undefined : errorLine(worker.output?.tail ?? '');
    const heldItsSlot = slot?.current === worker;
    // Those that were to replace others have somebody who tells what became of them.
    const wasAwaited = slot?.successor === worker || slot === undefined;
    slot?.remember(worker, { code, signal, reason, at, ...(error !== undefined && { error }) });
    this.#workforce.removeSpare(worker);
    this.deps.events.unwatch(worker);
    this.deps.state.exited(worker);
    this.deps.bus.exited(worker);
    this.#reloads.onExit(worker);
    // Who was killed at once was so by a second signal, which has an exit code of its own, or for a failed reload.
    if (this.#stop && reason !== 'left' && reason !== 'killed') {
      this.#unclean++;
    }
    const hasFailedToBoot = reason === 'boot-failed' || reason === 'boot-timeout';
    if (wasAwaited) {
      worker.output?.release();
    } else if (hasFailedToBoot) {
      this.#bootFailures.add(worker.slot, worker.output);
    } else if (worker.readyFor === 0) {
      this.#bootFailures.printNews(worker.slot, worker.output);
    }
    const isHopeless = hasFailedToBoot && !this.#stop && this.#shouldGiveUp();
    const mayReplace = heldItsSlot && !isHopeless;
    logExit(this.deps.logger, event, mayReplace ? this.#replace(slot, worker) : undefined);
    if (!slot) {
      this.#spares.onExit(reason);
    }
    if (isHopeless) {
      this.#giveUp(error);
    }
  }

  /**
   * Replaces a worker that has gone, or goes, from its slot.
   *
   * @returns after how many milliseconds; `undefined` if another one is there
   */
  #replace(slot: Slot, worker: WorkerHandle): number | undefined {
    slot.failures = countFailure(slot.failures, worker.readyFor);
    return this.#refill(slot, restartDelay(slot.failures, this.deps.options.restart));
  }

  /** Sees to it that an empty slot gets its next worker: a spare at once, or a new one after a while. */
  #refill(slot: Slot, delay: number): number | undefined {
    if (this.#stop || slot.current || !this.#workforce.isOpen(slot)) {
      return undefined;
    }
    if (this.#spares.promote(slot, delay)) {
      slot.restarts++;
      return undefined;
    }
    this.#workforce.refillAfter(slot, delay);
    return delay;
  }

  #shouldGiveUp(): boolean {
    const { giveUpAfter } = this.deps.options.restart;
    return shouldGiveUp(this.#bootFailures.count, this.#workforce.readyCount, giveUpAfter);
  }
}
