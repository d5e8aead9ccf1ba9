import type { ListeningAddress } from '../model/host-status.interface.js';
import { addressShape } from '../model/events/lifecycle.shapes.js';
import { integer, literal, text } from '../validation/shape/scalars.js';
import { object, tagged } from '../validation/shape/structures.js';

/** The key that identifies a connection of this package on the channel. */
const KEY = 'nestjs-cluster/connection';

/**
 * Connections that may wait to be sent over a channel. Node sends one at a time, and everything that follows waits until all
 * of them have been acknowledged: heartbeats, state and the bus.
 *
 * @internal
 */
export const MAX_UNSENT = 32;

/** A connection for any process that listens on an address. @internal */
export interface ConnectionToAddress {
  readonly to: 'address';
  readonly address: ListeningAddress;
}

/** A connection for one worker. @internal */
export interface ConnectionToWorker {
  readonly to: 'worker';
  readonly worker: number;
  /** What its new worker must know. Only the two workers read it. */
  readonly text: string;
}

/** Who gets a connection. @internal */
export type ConnectionTarget = ConnectionToAddress | ConnectionToWorker;

const targetShape = tagged<'to', ConnectionTarget>('to', {
  address: object<ConnectionToAddress>({ to: literal('address'), address: addressShape }),
  worker: object<ConnectionToWorker>({
    to: literal('worker'),
    worker: integer({ min: 1 }),
    text: text(),
  }),
});

/** The end that sends: `process` or a child process, which also send handles. */
interface SendingLink {
  readonly connected: boolean;
  send?(message: object, handle: object, options: object, written: () => void): boolean;
}

/** The end that receives. */
interface ReceivingLink {
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
}

/** The part of Node's handle of a connection that is used here. @internal */
export interface Closable {
  close(): void;
}

/**
 * Sends an open connection. Resolves when it is sent, or cannot be sent: the channel is then closed. Handles cannot be
 * part of an envelope, so it is a message of its own. Node keeps the order of both.
 *
 * @param target who gets it
 * @param handle Node's handle of the connection; the other end gets a copy
 * @internal
 */
export function sendConnection(
  link: { readonly connected: boolean },
  target: ConnectionTarget,
  handle: object,
): Promise<void> {
  const { connected } = link;
  const sender: SendingLink = link;
  if (!connected || !sender.send) {
    return Promise.resolve();
  }
  return new Promise(written => {
    sender.send?.({ [KEY]: target }, handle, {}, () => written());
  });
}

/**
 * Receives the connections that the other end sends. A connection that cannot be delivered is closed.
 *
 * @param deliver returns whether the connection was delivered
 * @internal
 */
export function receiveConnections(
  link: ReceivingLink,
  deliver: (target: ConnectionTarget, handle: Closable) => boolean,
): void {
  link.on('message', (message, handle) => {
    if (typeof message !== 'object' || message === null || !isClosable(handle)) {
      return;
    }
    if (Object.hasOwn(message, KEY)) {
      const target = (message as { readonly [KEY]: unknown })[KEY];
      if (targetShape(target) || !deliver(target as ConnectionTarget, handle)) {
        handle.close();
      }
    }
  });
}

function isClosable(handle: unknown): handle is Closable {
  return typeof handle === 'object' && handle !== null && 'close' in handle;
}
