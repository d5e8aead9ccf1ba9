import type { Logger } from '@nestjs/common';
import { NO_SLOT } from '../../model/host-status.interface.js';
import type { PrimaryServices } from '../../services/primary-services.js';
import { printableStack } from '../../system/text/printable.js';
import type { Recycling } from '../commands/recycling.js';
import type { EventHub } from '../event-hub.js';
import { supervisorMessages } from '../supervisor.messages.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { ObserveWorker } from '../workers/handle/worker-observer.interface.js';
import type { OverloadWatch } from '../workers/overload-watch.js';
import type { Spares } from '../workers/spares.js';
import type { Workforce } from '../workers/workforce.js';
import type { HungWorkers } from './hung-workers.js';
import type { WorkerEvents } from './worker-events.js';
import type { WorkerQuestions } from './worker-questions.js';

/** @internal */
export interface ObserveWorkersDependencies {
  readonly events: EventHub;
  readonly hungWorkers: HungWorkers;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly overload: OverloadWatch;
  readonly questions: WorkerQuestions;
  readonly recycling: Recycling;
  readonly services: PrimaryServices;
  readonly spares: Spares;
  readonly workerEvents: WorkerEvents;
  readonly workforce: Pick<Workforce, 'changes'>;
}

/**
 * Forwards what a worker handle reports to the parts that react to it.
 *
 * @internal
 */
export function observeWorkers({
  events,
  hungWorkers,
  logger,
  overload,
  questions,
  recycling,
  services,
  spares,
  workerEvents,
  workforce,
}: ObserveWorkersDependencies): ObserveWorker<WorkerHandle> {
  return worker => ({
    onEvent: event => workerEvents.onEvent(worker, event),
    onQuestion: question => questions.onQuestion(worker, question),
    onServiceMessage: message => services.onMessage(worker, message),
    onVitals: () => {
      recycling.consider(worker);
      workforce.changes.check();
    },
    onRecovered: () => overload.recovered(worker),
    onSilent: () => void hungWorkers.onSilent(worker),
    onUnpromotable: () => {
      if (worker.slot === NO_SLOT) {
        // A spare that cannot wait is of no use.
        spares.onUnpromotable(worker);
      } else {
        // It has a slot, and already serves in it.
        worker.promote(worker.slot);
      }
    },
    onWatch: () => events.watch(worker),
    onInvalid: reason => logger.warn(supervisorMessages.invalid(worker.identify(), reason)),
    onFault: (what, error) =>
      logger.error(supervisorMessages.fault(worker.identify(), what), printableStack(error)),
    onIncompatible: why =>
      logger.error(supervisorMessages.killedAsIncompatible(worker.identify(), why)),
  });
}
