import type { WorkerLifecycleEvent } from '../../../model/events/cluster-event.interface.js';
import type { Message } from '../../../ipc/protocol.js';
import type { ServiceQuestion } from '../../../services/primary-services.js';

/** What a worker handle reports to its supervisor. @internal */
export interface WorkerHandleObserver<Handle> {
  onEvent(handle: Handle, event: WorkerLifecycleEvent): void;
  onQuestion(handle: Handle, question: ServiceQuestion): void | Promise<void>;
  /** It has sent a message to one of the services. */
  onServiceMessage(handle: Handle, message: Message): void;
  onVitals(handle: Handle): void;
  /** It accepts new connections again. */
  onRecovered(handle: Handle): void;
  /** It has sent no heartbeat for the timeout. */
  onSilent(handle: Handle): void;
  /** A spare has no server whose `listen()` can be delayed. */
  onUnpromotable(handle: Handle): void;
  onWatch(handle: Handle): void;
  /** It has sent an invalid message, which was ignored. Called once for each worker. */
  onInvalid(handle: Handle, reason: string): void;
  /** A message that it has sent could not be handled. */
  onFault(handle: Handle, what: string, error: unknown): void;
  /** It has an incompatible version, or none, and is killed. */
  onIncompatible(handle: Handle, why: string): void;
}
