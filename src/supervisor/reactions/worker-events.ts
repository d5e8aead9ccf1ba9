import type { Logger } from '@nestjs/common';
import type {
  WorkerDrainingEvent,
  WorkerLifecycleEvent,
  WorkerOutputResumedEvent,
  WorkerReadyEvent,
  WorkerStandbyEvent,
} from '../../model/events/cluster-event.interface.js';
import type { PrimaryServices } from '../../services/primary-services.js';
import type { EventHub } from '../event-hub.js';
import type { HostShutdown } from '../host-shutdown.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { SlotRestarts } from '../workers/slot-restarts.js';
import type { Spares } from '../workers/spares.js';
import type { Workforce } from '../workers/workforce.js';
import type { BootSupervision } from './boot-supervision.js';
import type { WorkerExits } from './worker-exits.js';

/** Shorter pauses in which the log was not read are not logged. */
const NOTEWORTHY_PAUSE_MILLISECONDS = 1_000;

/** @internal */
export interface WorkerEventsDependencies {
  readonly boots: BootSupervision;
  readonly events: EventHub;
  readonly exits: WorkerExits;
  readonly logger: Pick<Logger, 'log' | 'warn'>;
  readonly services: PrimaryServices;
  readonly shutdown: HostShutdown;
  readonly slotRestarts: SlotRestarts;
  readonly spares: Spares;
  readonly workforce: Workforce;
}

/**
 * Publishes the events of a worker, and starts what must follow from them.
 *
 * @internal
 */
export class WorkerEvents {
  constructor(private readonly deps: WorkerEventsDependencies) {}

  onEvent(worker: WorkerHandle, event: WorkerLifecycleEvent): void {
    this.deps.events.publish(event);
    this.#react(worker, event);
    this.deps.workforce.changed();
  }

  #react(worker: WorkerHandle, event: WorkerLifecycleEvent): void {
    switch (event.type) {
      case 'workerReady':
        return this.#onReady(worker, event);
      case 'workerStandby':
        return this.#onStandby(worker, event);
      case 'workerDraining':
        return this.#onDraining(worker, event);
      case 'workerExited':
        return this.deps.exits.onExit(worker, event);
      case 'workerOutputResumed':
        return this.#onOutputResumed(event);
      case 'workerOutputPaused':
      case 'workerForked':
      case 'workerOnline':
      case 'workerListening':
      case 'workerDisconnected':
        return undefined;
    }
  }

  #onReady(worker: WorkerHandle, event: WorkerReadyEvent): void {
    const { boots, services, logger } = this.deps;
    boots.onReady(worker);
    services.onReady(worker);
    logger.log(supervisorMessages.ready(event, event.bootTime, worker.addresses));
  }

  #onStandby(worker: WorkerHandle, event: WorkerStandbyEvent): void {
    this.deps.spares.onStandby(worker);
    this.deps.logger.log(supervisorMessages.standby(event, event.bootTime));
  }

  #onDraining(worker: WorkerHandle, event: WorkerDrainingEvent): void {
    const { services, shutdown, logger, boots, slotRestarts } = this.deps;
    services.onDraining(worker);
    if (!shutdown.isUnderWay) {
      logger.log(supervisorMessages.draining(event, event.cause));
    }
    // If the application closes itself because it cannot start, its exit ends the host.
    if (!boots.isHopelessFor(worker)) {
      slotRestarts.succeed(worker, event.cause === 'signal');
    }
  }

  #onOutputResumed(event: WorkerOutputResumedEvent): void {
    if (event.duration >= NOTEWORTHY_PAUSE_MILLISECONDS) {
      const text = supervisorMessages.outputResumed(event, event.stream, event.duration);
      this.deps.logger.warn(text);
    }
  }
}
