import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { forwardedLines } from './forwarded-headers.js';
import { isOverload } from './peer-errors.js';
import type { Peer } from './peer.interface.js';

/** Milliseconds without progress after which the rest of what an owner has sent is given up; the same as in `ws`. */
const UNREAD_TIMEOUT = 30_000;

/**
 * Forwards an upgrade to the owner of its session: connects the socket of the client to one of the owner.
 *
 * @param onGone called if the owner cannot be reached; `client` is still unused
 * @internal
 */
export function forwardUpgrade(
  request: IncomingMessage,
  client: Socket,
  head: Buffer,
  peer: Peer,
  onGone: () => void,
): void {
  let isConnected = false;
  const owner = peer.connect(() => {
    isConnected = true;
    client.setTimeout(0);
    client.setNoDelay(true);
    const lines = [
      `${request.method} ${request.url} HTTP/1.1`,
      ...forwardedLines(request, peer.createHeaders()),
    ];
    owner.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    owner.write(head);
    client.pipe(owner);
    owner.pipe(client);
  });
  const abandon = (): void => void owner.destroy();
  // Without listeners, an error would end the process. 'close' follows each of them.
  client.on('error', abandon);
  client.once('close', abandon);
  owner.on('error', error => {
    if (isOverload(error)) {
      client.destroy();
    } else if (!isConnected && !client.destroyed) {
      client.off('error', abandon);
      client.off('close', abandon);
      peer.onUnreachable(error);
      onGone();
    }
  });
  owner.once('close', () => {
    if (isConnected) {
      // Whatever the owner has sent is written first.
      client.destroySoon();
      client.setTimeout(UNREAD_TIMEOUT, () => client.destroy());
    }
  });
}
