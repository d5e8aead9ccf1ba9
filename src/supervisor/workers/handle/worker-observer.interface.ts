import type { WorkerLifecycleEvent } from '../../../model/events/cluster-event.interface.js';
import type { Message } from '../../../ipc/protocol.js';
import type { ServiceQuestion } from '../../../services/primary-services.js';

/** What the handle of one worker reports to the supervisor. @internal */
export interface WorkerObserver {
  onEvent(event: WorkerLifecycleEvent): void;
  onQuestion(question: ServiceQuestion): void | Promise<void>;
  /** It has sent a message to one of the services. */
  onServiceMessage(message: Message): void;
  onVitals(): void;
  /** It accepts new connections again. */
  onRecovered(): void;
  /** It has sent no heartbeat for the timeout. */
  onSilent(): void;
  /** A spare has no server whose `listen()` can be delayed. */
  onUnpromotable(): void;
  onWatch(): void;
  /** It has sent an invalid message, which was ignored. Called once for each worker. */
  onInvalid(reason: string): void;
  /** A message that it has sent could not be handled. */
  onFault(what: string, error: unknown): void;
  /** It has an incompatible version, or none, and is killed. */
  onIncompatible(why: string): void;
}

/** Returns the observer of a new worker. @internal */
export type ObserveWorker<Handle> = (worker: Handle) => WorkerObserver;
