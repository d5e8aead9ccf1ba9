import type { Logger } from '@nestjs/common';
import type { WorkerExitedEvent } from '../../model/events/cluster-event.interface.js';
import type { PrimaryServices } from '../../services/primary-services.js';
import type { ReloadQueue } from '../commands/reload-queue.js';
import type { EventHub } from '../event-hub.js';
import type { HostShutdown } from '../host-shutdown.js';
import { SelfClosings } from '../policies/self-closings.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import { logExit } from '../workers/log-exit.js';
import type { Slot } from '../workers/slot.js';
import type { SlotRestarts } from '../workers/slot-restarts.js';
import type { Spares } from '../workers/spares.js';
import type { Workforce } from '../workers/workforce.js';
import type { BootSupervision } from './boot-supervision.js';

/** @internal */
export interface WorkerExitsDependencies {
  readonly boots: BootSupervision;
  readonly events: EventHub;
  readonly logger: Pick<Logger, 'log' | 'warn' | 'error'>;
  readonly reloads: ReloadQueue;
  readonly services: PrimaryServices;
  readonly shutdown: HostShutdown;
  readonly slotRestarts: SlotRestarts;
  readonly spares: Spares;
  readonly workforce: Workforce;
}

/** The role of a worker when it exited. */
interface FormerPlace {
  /** `undefined` for a spare. */
  readonly slot: Slot | undefined;
  readonly heldItsSlot: boolean;
  /** Whether it was to replace another worker: the command then reports the outcome. */
  readonly wasAwaited: boolean;
}

/**
 * Handles the exit of a worker: removes the worker, reports how it ended, and gives its slot the next one.
 *
 * @internal
 */
export class WorkerExits {
  readonly #selfClosings = new SelfClosings();

  constructor(private readonly deps: WorkerExitsDependencies) {}

  onExit(worker: WorkerHandle, event: WorkerExitedEvent): void {
    const { workforce, boots } = this.deps;
    const slot = workforce.slotOf(worker);
    const place = {
      slot,
      heldItsSlot: slot?.current === worker,
      wasAwaited: slot?.successor === worker || slot === undefined,
    };
    this.#forget(worker, event, slot);
    const handle = (): void => this.#handle(worker, event, place);
    if (!boots.postpones(worker, event.reason, handle)) {
      handle();
    }
  }

  #forget(worker: WorkerHandle, event: WorkerExitedEvent, slot: Slot | undefined): void {
    const { workforce, events, services, reloads, shutdown } = this.deps;
    const { code, signal, reason, at } = event;
    const error = errorOf(worker, event);
    slot?.remember(worker, { code, signal, reason, at, ...(error !== undefined && { error }) });
    workforce.removeSpare(worker);
    events.unwatch(worker);
    services.onExited(worker);
    reloads.onExit(worker);
    shutdown.noteExit(reason);
  }

  #handle(
    worker: WorkerHandle,
    event: WorkerExitedEvent,
    { slot, heldItsSlot, wasAwaited }: FormerPlace,
  ): void {
    const { boots, logger, slotRestarts, spares } = this.deps;
    const error = errorOf(worker, event);
    const givesUp = boots.noteExit(worker, event.reason, wasAwaited);
    const mayReplace = heldItsSlot && !givesUp;
    const respawnDelay = mayReplace && slot ? slotRestarts.replace(slot, worker) : undefined;
    if (!boots.isHopeless) {
      logExit(logger, event, respawnDelay);
    }
    if (!slot) {
      spares.onExit(event.reason);
    }
    this.#warnOfSelfClosing(worker);
    if (givesUp) {
      boots.giveUp(error);
    }
  }

  #warnOfSelfClosing(worker: WorkerHandle): void {
    const { shutdown, logger } = this.deps;
    if (
      !shutdown.isUnderWay &&
      worker.ending.isItsOwn &&
      this.#selfClosings.add(worker.slot, worker.readyFor)
    ) {
      logger.warn(supervisorMessages.closesItself());
    }
  }
}

/** Returns what is known about the failure, if it was one. */
function errorOf(worker: WorkerHandle, { reason }: WorkerExitedEvent): string | undefined {
  return reason === 'left' ? undefined : worker.ending.error;
}
