import type { EventEmitter } from 'node:events';
import {
  type Closable,
  type ConnectionToWorker,
  MAX_UNSENT,
  sendConnection,
} from '../../ipc/connection-message.js';

/** The part of a worker that is used here. @internal */
export interface ConnectionTaker extends Pick<EventEmitter, 'once'> {
  readonly process: { readonly connected: boolean };
}

/**
 * Passes a connection on to its owner or, if that one has ended or is too busy, back to the worker that sent it, which then
 * forwards its requests.
 *
 * @returns whether one of them can take it
 * @internal
 */
export function passOn(
  target: ConnectionToWorker,
  handle: Closable,
  owner: ConnectionTaker | undefined,
  sender: ConnectionTaker,
): boolean {
  const isBusy = owner !== undefined && waitingFor(owner).size >= MAX_UNSENT;
  const taker = [isBusy ? undefined : owner, sender].find(worker => worker?.process.connected);
  if (!taker) {
    return false;
  }
  const onUnsent = (): void => {
    if (taker === sender || !passOn(target, handle, undefined, sender)) {
      handle.close();
    }
  };
  void send(taker, target, handle, onUnsent);
  return true;
}

/** Sends a connection, and closes the copy of this process. */
async function send(
  taker: ConnectionTaker,
  target: ConnectionToWorker,
  handle: Closable,
  onUnsent: () => void,
): Promise<void> {
  const waiting = waitingFor(taker);
  waiting.set(handle, onUnsent);
  await sendConnection(taker.process, target, handle);
  if (waiting.delete(handle)) {
    handle.close();
  }
}

/** The connections that are not sent yet, and what is called if they cannot be sent. */
type Waiting = Map<Closable, () => void>;

const unsent = new WeakMap<ConnectionTaker, Waiting>();

/** If a worker ends, Node forgets the connections that wait for the acknowledgement of an earlier one. */
function waitingFor(taker: ConnectionTaker): Waiting {
  const known = unsent.get(taker);
  if (known) {
    return known;
  }
  const waiting: Waiting = new Map();
  unsent.set(taker, waiting);
  taker.once('disconnect', () => {
    const all = [...waiting.values()];
    waiting.clear();
    all.forEach(onUnsent => onUnsent());
  });
  return waiting;
}
