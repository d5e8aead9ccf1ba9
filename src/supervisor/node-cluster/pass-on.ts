import type { EventEmitter } from 'node:events';
import {
  type Closable,
  type ConnectionOwner,
  sendConnection,
} from '../../ipc/connection-message.js';

/** The part of a worker that is used here. @internal */
export interface ConnectionTaker extends Pick<EventEmitter, 'once'> {
  readonly process: { readonly connected: boolean };
}

/**
 * Passes a connection on to its owner or, if that one has ended, back to the worker that sent it.
 *
 * @returns whether one of them can take it
 * @internal
 */
export function passOn(
  target: ConnectionOwner,
  handle: Closable,
  owner: ConnectionTaker | undefined,
  sender: ConnectionTaker,
): boolean {
  const taker = [owner, sender].find(worker => worker?.process.connected);
  if (!taker) {
    return false;
  }
  void send(taker, target, handle);
  return true;
}

/** Sends a connection, and closes the copy of this process. */
async function send(
  taker: ConnectionTaker,
  target: ConnectionOwner,
  handle: Closable,
): Promise<void> {
  const waiting = waitingFor(taker);
  waiting.add(handle);
  await sendConnection(taker.process, target, handle);
  waiting.delete(handle);
  handle.close();
}

const unsent = new WeakMap<ConnectionTaker, Set<Closable>>();

/**
 * Returns the connections that are not sent yet. If the worker ends, they are closed, because Node forgets those that
 * wait for the acknowledgement of an earlier one.
 */
function waitingFor(taker: ConnectionTaker): Set<Closable> {
  const known = unsent.get(taker);
  if (known) {
    return known;
  }
  const waiting = new Set<Closable>();
  unsent.set(taker, waiting);
  taker.once('disconnect', () => waiting.forEach(handle => handle.close()));
  return waiting;
}
