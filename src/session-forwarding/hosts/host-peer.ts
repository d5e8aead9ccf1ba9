import { randomBytes } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import type { AddedHeaders } from '../forwarded-headers.js';
import type { Peer, PeerRequest } from '../peer.interface.js';
import { sendOrder } from '../send-order.js';
import type { SessionWish } from '../sender.js';
import type { HostPlace } from './host-address.js';
import type { HostConnections } from './host-connections.js';

const TICKET_BYTES = 12;

/** What a {@link hostPeer} needs to know about a request. @internal */
export interface HostRequest {
  readonly place: HostPlace;
  /** Of the request; it has the id of the session. */
  readonly url: string;
  /** Milliseconds without a byte after which the host counts as gone. */
  readonly silence: number;
  readonly connections: HostConnections;
  /** Whether this worker drains: it should not wait for polls. */
  readonly isDraining: boolean;
  /** The waiting polls of this worker, and what lets their owners answer them. */
  readonly polls: Map<ClientRequest, () => void>;
  /** Returns the header with a ticket that is valid from now on. Tickets with one id can be used once in all. */
  readonly issue: (wish: SessionWish, ticketId: string) => AddedHeaders;
  readonly onUnreachable: (error: Error) => void;
}

/**
 * Returns another host, at the address that it has announced.
 *
 * @internal
 */
export function hostPeer(to: HostRequest): Peer {
  const { place, url, silence, connections, isDraining, polls, issue, onUnreachable } = to;
  const begin = (options: PeerRequest, isFresh = false): ClientRequest =>
    connections.request(place, options, isFresh, silence);
  const ticketId = newTicketId();
  return {
    closesIdle: true,
    headersExpire: true,
    // What is sent again is not received twice, as long as the owner remembers the first ticket.
    createHeaders: () => issue({ isBrief: isDraining }, ticketId),
    request: (options, isFresh) => {
      const asked = begin(options, isFresh);
      if (options.method === 'GET') {
        polls.set(asked, () => sendOrder(begin, url, issue({ order: 'release' }, newTicketId())));
        asked.once('close', () => polls.delete(asked));
      }
      return asked;
    },
    connect: onConnected => connections.connect(place, onConnected, silence),
    close: () => sendOrder(begin, url, issue({ order: 'close' }, newTicketId())),
    onUnreachable,
  };
}

function newTicketId(): string {
  return randomBytes(TICKET_BYTES).toString('base64url');
}
