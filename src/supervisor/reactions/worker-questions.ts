import type { HostStatus, ListeningAddress } from '../../model/host-status.interface.js';
import type { QuestionOf } from '../../ipc/protocol.js';
import type { SupervisionQuestions } from '../../ipc/supervision.protocol.js';
import type { PrimaryServices, ServiceQuestion } from '../../services/primary-services.js';
import { outcomeOf } from '../commands/command-outcome.js';
import type { ReloadQueue } from '../commands/reload-queue.js';
import type { Scaling } from '../commands/scaling.js';
import type { PortClaims } from '../port-claims.js';
import type { GracefulRemoval } from '../workers/graceful-removal.js';
import type { WorkerHandle } from '../workers/handle/worker-handle.js';
import type { OverloadWatch } from '../workers/overload-watch.js';

/** @internal */
export interface WorkerQuestionsDependencies {
  readonly gracefulRemoval: GracefulRemoval;
  readonly overload: OverloadWatch;
  readonly reloads: ReloadQueue;
  readonly scaling: Scaling;
  readonly services: PrimaryServices;
  readonly status: () => HostStatus;
  /** Whether workers listen on this address, on a socket of the primary. */
  readonly takesConnections: (address: ListeningAddress) => boolean;
  readonly portClaims: Pick<PortClaims, 'claim'>;
}

/**
 * Answers the questions of workers about supervision. All other questions are answered by the services.
 *
 * @internal
 */
export class WorkerQuestions {
  constructor(private readonly deps: WorkerQuestionsDependencies) {}

  onQuestion(worker: WorkerHandle, asked: ServiceQuestion): void | Promise<void> {
    const { gracefulRemoval, overload, reloads, scaling, services, status } = this.deps;
    const { takesConnections, portClaims } = this.deps;
    const question = asked as QuestionOf<SupervisionQuestions>;
    switch (question.name) {
      case 'flush':
        return question.answer(null);
      case 'leave':
        return gracefulRemoval.remove(worker, question.params).then(question.answer);
      case 'status':
        return question.answer(status());
      case 'reload':
        return outcomeOf(reloads.ask(worker)).then(question.answer);
      case 'scale':
        return outcomeOf(scaling.to(() => question.params)).then(question.answer);
      case 'overloaded':
        return question.answer(overload.ask(worker, question.params));
      case 'takesConnections':
        return question.answer(takesConnections(question.params));
      case 'claimPort':
        return portClaims.claim(worker, question.params).then(question.answer);
      default:
        return services.onQuestion(worker, asked);
    }
  }
}
