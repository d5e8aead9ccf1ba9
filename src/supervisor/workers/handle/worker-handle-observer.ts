import type { WorkerLifecycleEvent } from '../../../model/events/cluster-event.interface.js';
import type { Message } from '../../../ipc/protocol.js';
import type { ServiceQuestion } from '../../../services/primary-services.js';

/** What a handle tells its supervisor. @internal */
export interface WorkerHandleObserver<Handle> {
  onEvent(handle: Handle, event: WorkerLifecycleEvent): void;
  onQuestion(handle: Handle, question: ServiceQuestion): void | Promise<void>;
  /** What it says to one of the services. */
  onServiceMessage(handle: Handle, message: Message): void;
  onVitals(handle: Handle): void;
  /** It takes new connections again. */
  onRecovered(handle: Handle): void;
  /** No heartbeat has come for too long. */
  onSilent(handle: Handle): void;
  /** A spare has nothing that it could begin later. */
  onUnpromotable(handle: Handle): void;
  onWatch(handle: Handle): void;
  /** It has sent something that makes no sense, which was ignored: once. */
  onInvalid(handle: Handle, reason: string): void;
  /** Something that it has sent could not be handled. */
  onFault(handle: Handle, what: string, error: unknown): void;
  /** It has another version, or none, and is killed. */
  onIncompatible(handle: Handle, why: string): void;
}
