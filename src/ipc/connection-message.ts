import type { ListeningAddress } from '../model/host-status.interface.js';
import { addressShape } from '../model/events/lifecycle.shapes.js';

/** The key that identifies a connection of this package on the channel. */
const KEY = 'nestjs-cluster/connection';

/** The end of a worker: `process`, which also sends handles. */
interface SendingLink {
  readonly connected: boolean;
  send?(message: object, handle: object, options: object, written: () => void): boolean;
}

/** The end of the primary: a child process. */
interface ReceivingLink {
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
}

interface Closable {
  close(): void;
}

/**
 * Sends an open connection to the primary. Resolves when it is sent, or cannot be sent: the channel is then closed.
 * Handles cannot be part of an envelope, so it is a message of its own. Node keeps the order of both.
 *
 * @param address on which the server listens to which the client has connected
 * @param handle Node's handle of the connection; the primary gets a copy
 * @internal
 */
export function sendConnection(
  link: { readonly connected: boolean },
  address: ListeningAddress,
  handle: object,
): Promise<void> {
  const { connected } = link;
  const sender: SendingLink = link;
  if (!connected || !sender.send) {
    return Promise.resolve();
  }
  return new Promise(written => {
    sender.send?.({ [KEY]: address }, handle, {}, () => written());
  });
}

/**
 * Receives the connections that a worker sends. A connection that cannot be delivered is closed.
 *
 * @param deliver returns whether the connection was delivered
 * @internal
 */
export function receiveConnections(
  link: ReceivingLink,
  deliver: (address: ListeningAddress, handle: object) => boolean,
): void {
  link.on('message', (message, handle) => {
    if (typeof message !== 'object' || message === null || !isClosable(handle)) {
      return;
    }
    if (Object.hasOwn(message, KEY)) {
      const address = (message as { readonly [KEY]: unknown })[KEY];
      const isDelivered =
        addressShape(address) === undefined && deliver(address as ListeningAddress, handle);
      if (!isDelivered) {
        handle.close();
      }
    }
  });
}

function isClosable(handle: unknown): handle is Closable {
  return typeof handle === 'object' && handle !== null && 'close' in handle;
}
