import type { SessionOwner } from './session-owner.js';

/** Who handles a request: this worker itself, a worker of this host, or another host. @internal */
export type Route = 'here' | 'worker' | 'host';

/** What is known about a request. @internal */
export interface RouteFacts {
  /** The owner that the id of the session names. */
  readonly owner: SessionOwner | undefined;
  /** This worker; `undefined` as long as it cannot forward. */
  readonly self: SessionOwner | undefined;
  /** Whether this worker can forward to other hosts. */
  readonly hasOtherHosts: boolean;
  /** The ticket with which another host has forwarded the request. */
  readonly ticket: 'valid' | 'expired' | 'none';
}

/**
 * Returns who handles a request. One that another host has forwarded is never forwarded to a host again, so that it cannot
 * circulate. It always reaches a private server, even that of this worker: only private servers present a client that is not
 * at the other end of the connection, and know which tickets were used.
 *
 * @internal
 */
export function routeOf({ owner, self, hasOtherHosts, ticket }: RouteFacts): Route {
  if (!owner || !self) {
    return 'here';
  }
  if (owner.host !== self.host) {
    return hasOtherHosts && ticket === 'none' ? 'host' : 'here';
  }
  return owner.worker === self.worker && ticket !== 'valid' ? 'here' : 'worker';
}
