import type { Message, PrimaryProtocol } from '../../../ipc/protocol.js';
import type { Hello } from '../../../ipc/protocol-version.js';
import { IpcChannel } from '../../../ipc/ipc-channel.js';
import type { IpcLink } from '../../../ipc/ipc-link.interface.js';
import { receive, type SupervisionReceivers } from './supervision-receivers.js';
import type { WorkerObserver } from './worker-observer.interface.js';

/** The questions of any feature. */
type AnyQuestions = Record<string, { readonly params: unknown; readonly answer: unknown }>;

/** @internal */
export type WorkerChannel = IpcChannel<Message, Message, object, AnyQuestions>;

/** @internal */
export interface WorkerChannelReceivers {
  /** Receive what the worker reports about itself. */
  readonly receivers: SupervisionReceivers;
  /** Receives everything else. */
  readonly observer: WorkerObserver;
  /** Called with every message of the worker. */
  readonly onSignOfLife: () => void;
  readonly onIncompatible: (hello: Hello | undefined) => void;
}

/** Opens the channel to a worker, and routes what it sends. @internal */
export function openWorkerChannel(
  link: IpcLink,
  protocol: PrimaryProtocol,
  { receivers, observer, onSignOfLife, onIncompatible }: WorkerChannelReceivers,
): WorkerChannel {
  return new IpcChannel(link, protocol, {
    onSignOfLife,
    onMessage: message => receive(message, receivers, other => observer.onServiceMessage(other)),
    onQuestion: question => observer.onQuestion(question),
    onInvalid: reason => observer.onInvalid(reason),
    onFault: (what, error) => observer.onFault(what, error),
    onIncompatible,
  });
}
