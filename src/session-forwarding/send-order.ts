import type { ClientRequest } from 'node:http';
import type { AddedHeaders } from './forwarded-headers.js';
import type { PeerRequest } from './peer.interface.js';

/**
 * Sends an order about a session to its owner.
 *
 * @param url of a request; it has the id of the session
 * @param headers with the order
 * @internal
 */
export function sendOrder(
  request: (options: PeerRequest) => ClientRequest,
  path: string,
  headers: AddedHeaders,
): void {
  // If the owner does not recognize the order, Engine.IO refuses the method, and the session goes on.
  const told = request({ method: 'PUT', path, headers: { ...headers, 'content-length': 0 } });
  told.on('response', answer => answer.resume());
  // The socket is then closed without a code; the order to answer polls is repeated.
  told.on('error', () => {});
  told.end();
}
