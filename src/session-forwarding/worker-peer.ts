import { type Agent, request as httpRequest, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { sendOrder } from './send-order.js';
import type { Peer, PeerRequest } from './peer.interface.js';
import { type Sender, senderHeader } from './sender.js';

/**
 * Returns another worker of this host, on its private socket.
 *
 * @param url of the request
 * @param agent keeps connections alive
 * @internal
 */
export function workerPeer(socketPath: string, sender: Sender, url: string, agent: Agent): Peer {
  const request = (options: PeerRequest) =>
    httpRequest({ ...options, socketPath, agent } as RequestOptions);
  return {
    // Private servers keep idle connections open.
    closesIdle: false,
    headersExpire: false,
    createHeaders: () => senderHeader(sender),
    request,
    connect: onConnected => connect(socketPath, onConnected),
    close: () =>
      sendOrder(request, url, senderHeader({ ...sender, ticketId: undefined, order: 'close' })),
    // The sessions of a worker that has ended have ended, too.
    onUnreachable: () => {},
  };
}
