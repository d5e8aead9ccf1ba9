import {
  type Closable,
  type ConnectionLink,
  type ConnectionToWorker,
  hasRoom,
  isReady,
  sendConnection,
} from '../../ipc/connection-message.js';

/** The part of a worker that is used here. @internal */
export interface ConnectionTaker {
  readonly process: ConnectionLink;
}

/**
 * Passes a connection on to its owner, or back to the worker that sent it, which then forwards its requests: if the owner
 * has ended, does not receive connections yet or has too many before it. The copy of this process is closed in the end.
 *
 * @param owner the worker that a client has named, so it may be any
 * @internal
 */
export async function passOn(
  target: ConnectionToWorker,
  handle: Closable,
  owner: ConnectionTaker | undefined,
  sender: ConnectionTaker,
): Promise<void> {
  const taker = owner && isReady(owner.process) ? owner : undefined;
  const isFree = taker && hasRoom(taker.process);
  // A busy owner is better than none.
  for (const worker of [isFree ? taker : undefined, sender, taker]) {
    if (worker && (await sendConnection(worker.process, target, handle))) {
      break;
    }
  }
  handle.close();
}
