import type { Logger } from '@nestjs/common';
import type {
  WorkerExitedEvent,
  WorkerLifecycleEvent,
} from '../model/events/cluster-event.interface.js';
import {
  type DrainCause,
  type HostStatus,
  NO_SLOT,
  type WorkerExitReason,
} from '../model/host-status.interface.js';
import type { MemoryOfHost } from '../system/limits/memory-share.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import type { Clock } from '../system/time/clock.js';
import type { Exit } from '../system/process/exit.js';
import type { QuestionOf } from '../ipc/protocol.js';
import type { BootFailure, SupervisionQuestions } from '../ipc/supervision.protocol.js';
import type { PrimaryServices, ServiceQuestion } from '../services/primary-services.js';
import { printableStack } from '../system/text/printable.js';
import { BootFailures } from './policies/boot-failures.js';
import { CommandQueue } from './commands/command-queue.js';
import { commandOutcome } from './commands/command-outcome.js';
import { Recycling } from './commands/recycling.js';
import type { Dismiss } from './commands/replacement.js';
import { ReloadQueue } from './commands/reload-queue.js';
import { Scaling } from './commands/scaling.js';
import { GracefulRemoval } from './workers/graceful-removal.js';
import type { EventHub } from './event-hub.js';
import { type HopelessReason, hopelessReason } from './policies/hopeless-boot.js';
import { logExit } from './workers/log-exit.js';
import type { OutputSinks } from './output/output-sink.js';
import type { ReadBlockedStack } from './diagnostics/read-blocked-stack.js';
import { OverloadWatch } from './workers/overload-watch.js';
import { supervisorMessages } from './supervisor.messages.js';
import { SlotRestarts } from './workers/slot-restarts.js';
import { shouldGiveUp } from './policies/restart-policy.js';
import { SelfClosings } from './node-cluster/self-closings.js';
import { HostShutdown } from './host-shutdown.js';
import type { Slot } from './workers/slot.js';
import { Spares } from './workers/spares.js';
import type { MemoryBudget } from '../state/backends/memory/memory-budget.js';
import { WorkerHandle } from './workers/handle/worker-handle.js';
import type { Fork } from './node-cluster/worker-process.js';
import { Workforce } from './workers/workforce.js';

/** How long it may take to find out where a worker hangs, before it is killed. */
const STACK_MILLISECONDS = 1_000;

/** Shorter pauses of who reads the log are none that one would want to know of. */
const NOTEWORTHY_PAUSE_MILLISECONDS = 1_000;

/** What the supervisor needs from outside. @internal */
export interface SupervisorDependencies {
  readonly options: ResolvedClusterOptions;
  readonly fork: Fork;
  readonly clock: Clock;
  readonly exit: Exit;
  readonly events: EventHub;
  readonly services: PrimaryServices;
  /** For all that is held for workers. */
  readonly budget: MemoryBudget;
  /** Where the output of the workers goes. */
  readonly outputs: OutputSinks;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error' | 'fatal'>;
  /** Under an inspector somebody steps through the code: nothing is too slow then. */
  readonly inspected: boolean;
  /** Somebody sits at the terminal, and waits: idle connections of browsers do not hold up a stop. */
  readonly interactive: boolean;
  /** Takes no further connections, within so many milliseconds, but lets workers have those that were accepted. */
  readonly closePort: (timeout: number) => Promise<void>;
  /** Told the process ids of all workers whenever they change. */
  readonly onWorkersChanged: (pids: readonly number[]) => void;
  /** What shares of the memory are shares of. */
  readonly memory: MemoryOfHost;
  readonly readBlockedStack: ReadBlockedStack;
}

/** Why no worker of the host can boot. */
interface HopelessFailure {
  readonly failure: BootFailure;
  readonly reason: HopelessReason;
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
  readonly #reloads: ReloadQueue;
  readonly #scaling: Scaling;
  readonly #recycling: Recycling;
  readonly #spares: Spares;
  readonly #overload: OverloadWatch;
  readonly #bootFailures = new BootFailures();
  readonly #selfClosings = new SelfClosings();
  readonly #slotRestarts: SlotRestarts;
  readonly #shutdown: HostShutdown;
  readonly #gracefulRemoval: GracefulRemoval;
  readonly #startedAt: number;
  #hasStarted = false;
  /** Whether the code of this host works: a failure to boot may then come to an end. */
  #wasEverReady = false;
  #isHopeless = false;
  /** The workers that the host has started with: it does not give up before each of them has had its chance. */
  #firstRound: readonly WorkerHandle[] = [];
  /** Why the host ends if none of them becomes ready. */
  #hopeless: HopelessFailure | undefined;
  /** Those that have failed for such a reason, and what is to be done about each if the host goes on. */
  readonly #postponed = new Map<WorkerHandle, () => void>();

  constructor(private readonly deps: SupervisorDependencies) {
    const { options, clock, logger, events } = deps;
    const dismiss =
      (cause: DrainCause): Dismiss =>
      (...workers) =>
        this.#gracefulRemoval.dismiss(workers, cause);
    this.#startedAt = clock.now();
    this.#workforce = new Workforce(
      options.workers,
      clock,
      (slot, standsBy = false) => this.#fork(slot.index, standsBy),
      () => this.#onWorkersChanged(),
    );
    const shared = { commands: this.#commands, workforce: this.#workforce, clock, logger };
    this.#overload = new OverloadWatch(shared);
    this.#spares = new Spares({
      ...shared,
      count: options.spare,
      restart: options.restart,
      fork: () => this.#fork(NO_SLOT, true),
      generation: () => this.#reloads.generation,
      dismiss: dismiss('reload'),
      onPromoted: spare => deps.services.onPromoted(spare),
    });
    this.#shutdown = new HostShutdown({
      ...shared,
      ...deps,
      options: options.shutdown,
      onBegin: () => {
        this.#workforce.cancelRefills();
        this.#spares.close();
        this.#resumePostponed();
      },
    });
    this.#slotRestarts = new SlotRestarts({
      workforce: this.#workforce,
      spares: this.#spares,
      restart: options.restart,
      isStopping: () => this.#shutdown.isUnderWay,
    });
    this.#gracefulRemoval = new GracefulRemoval({
      clock,
      workforce: this.#workforce,
      overload: this.#overload,
      slotRestarts: this.#slotRestarts,
      shutdown: this.#shutdown,
      timeout: options.shutdown.timeout,
    });
    this.#reloads = new ReloadQueue({
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
      onSlotClosed: slot => deps.services.onSlotClosed(slot),
    });
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
    logger.log(supervisorMessages.starting(options));
    // No command: one slot that cannot boot does not keep anybody from reloading or scaling.
    this.#firstRound = this.#workforce.slots.map(slot => this.#workforce.fill(slot));
    await this.#workforce.changes.until(
      () => this.#workforce.isComplete || this.#shutdown.isUnderWay,
    );
    if (!this.#shutdown.isUnderWay) {
      this.#hasStarted = true;
      const workers = this.#workforce.slots.length;
      logger.log(supervisorMessages.allReady(workers, clock.now() - this.#startedAt));
      this.#spares.open();
    }
  }

  /** Drains all workers side by side within one budget, and ends the process. */
  stop(signal: NodeJS.Signals): void {
    void this.#shutdown.drainAll(signal);
  }

  /** Kills all workers; a stop that is under way then comes to its end. */
  stopAtOnce(exitCode: number): void {
    this.#shutdown.killAll(exitCode);
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
    const { outputs, budget } = this.deps;
    return {
      pid: process.pid,
      uptime: this.deps.clock.now() - this.#startedAt,
      state: this.#shutdown.isUnderWay ? 'stopping' : 'running',
      generation: this.#reloads.generation,
      wanted: this.#workforce.slots.length,
      ready: this.#workforce.readyCount,
      hasStarted: this.#hasStarted,
      discardedOutput: outputs.stdout.discarded + outputs.stderr.discarded,
      stateMemory: budget.describe(),
      recentRestarts: this.#workforce.recentRestarts,
      workers: this.#workforce.status(),
      spares: this.#workforce.spares.map(spare => ({ ...spare.describe(), restarts: 0 })),
    };
  }

  #fork(slot: number, standsBy: boolean): WorkerHandle {
    const { fork, options, clock, inspected, events, services, logger, outputs } = this.deps;
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
        onServiceMessage: (worker, message) => services.onMessage(worker, message),
        onInvalid: (worker, reason) =>
          logger.warn(supervisorMessages.invalid(worker.identify(), reason)),
        onFault: (worker, what, error) =>
          logger.error(supervisorMessages.fault(worker.identify(), what), printableStack(error)),
        onIncompatible: (worker, why) =>
          logger.error(supervisorMessages.killedAsIncompatible(worker.identify(), why)),
      },
      outputs,
      services.protocols,
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
        this.#wasEverReady = true;
        this.#firstRound = this.#firstRound.filter(({ isStarting }) => isStarting);
        this.#bootFailures.clear(worker.slot);
        this.#resumePostponed();
        this.deps.services.onReady(worker);
        this.deps.logger.log(supervisorMessages.ready(event, event.bootTime, worker.addresses));
        break;
      case 'workerStandby':
        this.#spares.onStandby(worker);
        this.deps.logger.log(supervisorMessages.standby(event, event.bootTime));
        break;
      case 'workerDraining':
        this.deps.services.onDraining(worker);
        if (!this.#shutdown.isUnderWay) {
          this.deps.logger.log(supervisorMessages.draining(event, event.cause));
        }
        // An application that closes itself because it cannot start: its exit ends the host.
        if (!this.#hopelessFailureOf(worker)) {
          this.#slotRestarts.succeed(worker, event.cause === 'signal');
        }
        break;
      case 'workerExited':
        this.#onExit(worker, event);
        break;
      case 'workerOutputResumed':
        if (event.duration >= NOTEWORTHY_PAUSE_MILLISECONDS) {
          this.deps.logger.warn(
            supervisorMessages.outputResumed(event, event.stream, event.duration),
          );
        }
        break;
      case 'workerOutputPaused':
      case 'workerForked':
      case 'workerOnline':
      case 'workerListening':
      case 'workerDisconnected':
        break;
    }
    this.#workforce.changed();
  }

  #onQuestion(worker: WorkerHandle, asked: ServiceQuestion): void | Promise<void> {
    const question = asked as QuestionOf<SupervisionQuestions>;
    switch (question.name) {
      case 'flush':
        return question.answer(null);
      case 'leave':
        return this.#gracefulRemoval.remove(worker, question.params).then(question.answer);
      case 'status':
        return question.answer(this.status());
      case 'reload':
        return commandOutcome(this.#reloads.ask(worker), question.answer);
      case 'scale':
        return commandOutcome(
          this.#scaling.to(() => question.params),
          question.answer,
        );
      case 'overloaded':
        return question.answer(this.#overload.ask(worker, question.params));
      default:
        return this.deps.services.onQuestion(worker, asked);
    }
  }

  /** A worker is blocked. Another one takes its place while we find out where. */
  async #onSilent(worker: WorkerHandle): Promise<void> {
    const { options, logger, readBlockedStack } = this.deps;
    this.#slotRestarts.succeed(worker, false);
    this.#workforce.changed();
    const stack = await worker.readStack(readBlockedStack, STACK_MILLISECONDS);
    if (worker.state !== 'exited') {
      logger.error(supervisorMessages.hung(worker.identify(), options.heartbeat.timeout, stack));
      worker.kill('hung');
    }
  }

  #onExit(worker: WorkerHandle, event: WorkerExitedEvent): void {
    const slot = this.#workforce.slotOf(worker);
    const { code, signal, reason, at } = event;
    const error = reason === 'left' ? undefined : worker.ending.error;
    const heldItsSlot = slot?.current === worker;
    // Those that were to replace others have somebody who tells what became of them.
    const wasAwaited = slot?.successor === worker || slot === undefined;
    slot?.remember(worker, { code, signal, reason, at, ...(error !== undefined && { error }) });
    this.#workforce.removeSpare(worker);
    this.deps.events.unwatch(worker);
    this.deps.services.onExited(worker);
    this.#reloads.onExit(worker);
    this.#shutdown.noteExit(reason);
    const handle = (): void => this.#handleExit(worker, event, slot, { heldItsSlot, wasAwaited });
    if (!this.#isHandledAsHopeless(worker, reason, handle)) {
      handle();
    }
  }

  #handleExit(
    worker: WorkerHandle,
    event: WorkerExitedEvent,
    slot: Slot | undefined,
    { heldItsSlot, wasAwaited }: { readonly heldItsSlot: boolean; readonly wasAwaited: boolean },
  ): void {
    const { reason } = event;
    const error = reason === 'left' ? undefined : worker.ending.error;
    const hasFailedToBoot = reason === 'boot-failed' || reason === 'boot-timeout';
    if (wasAwaited) {
      worker.output?.release();
    } else if (hasFailedToBoot) {
      this.#bootFailures.add(worker.slot, worker.output);
    } else if (worker.readyFor === 0) {
      this.#bootFailures.printNews(worker.slot, worker.output);
    }
    const isHopeless = hasFailedToBoot && !this.#shutdown.isUnderWay && this.#shouldGiveUp();
    const mayReplace = heldItsSlot && !isHopeless;
    const respawnDelay = mayReplace && slot ? this.#slotRestarts.replace(slot, worker) : undefined;
    if (!this.#isHopeless) {
      logExit(this.deps.logger, event, respawnDelay);
    }
    if (!slot) {
      this.#spares.onExit(reason);
    }
    if (
      !this.#shutdown.isUnderWay &&
      worker.ending.isItsOwn &&
      this.#selfClosings.add(worker.slot, worker.readyFor)
    ) {
      this.deps.logger.warn(supervisorMessages.closesItself());
    }
    if (isHopeless) {
      this.#shutdown.giveUp(supervisorMessages.gaveUp(this.#bootFailures.count, error));
    }
  }

  /**
   * Ends the host if no worker was ever ready, one has failed for a reason that none can heal, and none of those that
   * the host has started with may become ready. As long as one may, what is to be done about such a failure waits.
   */
  #isHandledAsHopeless(
    worker: WorkerHandle,
    reason: WorkerExitReason,
    handle: () => void,
  ): boolean {
    const isOwnEnd = reason === 'boot-failed' || reason === 'drain-timeout';
    const hopeless = isOwnEnd ? this.#hopelessFailureOf(worker) : undefined;
    this.#hopeless ??= hopeless;
    // Who has left on a signal has not failed: its successor has the same chance.
    const mayEnd = reason !== 'left' && !this.#wasEverReady && !this.#shutdown.isUnderWay;
    if (!this.#hopeless || !mayEnd) {
      return false;
    }
    if (!this.#mayOthersBoot) {
      this.#postponed.set(worker, handle);
      this.#endAsHopeless(this.#hopeless);
      return true;
    }
    if (hopeless) {
      this.#postponed.set(worker, handle);
    }
    return hopeless !== undefined;
  }

  /** Whether one of the workers that the host has started with has yet to become ready or to fail. */
  get #mayOthersBoot(): boolean {
    return this.#firstRound.some(({ isStarting }) => isStarting);
  }

  #endAsHopeless({ failure, reason }: HopelessFailure): void {
    this.#isHopeless = true;
    const failed = [...this.#postponed.keys()];
    this.#postponed.clear();
    if (failure.address) {
      // The line of the primary tells it all, and stacks tell nothing more.
      this.#bootFailures.explained();
    }
    for (const { slot, output } of failed) {
      this.#bootFailures.add(slot, output);
      this.#bootFailures.explained();
    }
    this.#shutdown.giveUp(supervisorMessages.hopeless(reason, failure));
  }

  /** The host goes on, or stops. */
  #resumePostponed(): void {
    const postponed = [...this.#postponed.values()];
    this.#postponed.clear();
    postponed.forEach(handle => handle());
  }

  #hopelessFailureOf(worker: WorkerHandle): HopelessFailure | undefined {
    if (this.#wasEverReady || this.#shutdown.isUnderWay) {
      return undefined;
    }
    const failure = worker.ending.bootFailure;
    const reason = failure && hopelessReason(failure);
    return reason && { failure, reason };
  }

  #shouldGiveUp(): boolean {
    const { giveUpAfter } = this.deps.options.restart;
    return (
      !this.#mayOthersBoot &&
      shouldGiveUp(this.#bootFailures.count, this.#workforce.readyCount, giveUpAfter)
    );
  }
}
