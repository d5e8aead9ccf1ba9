import type { ClientRequest, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { AddedHeaders } from '../forwarded-headers.js';
import type { Peer } from '../peer.interface.js';
import type { SessionWish } from '../sender.js';
import type { HostPlace } from './host-address.js';
import type { HostConnections } from './host-connections.js';

/** What a {@link HostPeer} needs to know about a request. @internal */
export interface HostRequest {
  readonly place: HostPlace;
  /** Of the request; it has the id of the session. */
  readonly url: string;
  /** Milliseconds without a byte after which the host counts as gone. */
  readonly silence: number;
  /** Returns the header with a new ticket. */
  issue(wish: SessionWish): AddedHeaders;
  onUnreachable(error: Error): void;
}

/**
 * Another host, at the address that it has announced.
 *
 * @internal
 */
export class HostPeer implements Peer {
  readonly headers: AddedHeaders;
  readonly closesIdle = true;

  /**
   * @param isDraining whether this worker drains: it should not wait for polls
   * @param polls the waiting polls of this worker
   */
  constructor(
    private readonly to: HostRequest,
    private readonly connections: HostConnections,
    isDraining: boolean,
    private readonly polls: Map<ClientRequest, HostPeer>,
  ) {
    this.headers = to.issue({ isBrief: isDraining || undefined });
  }

  request(options: RequestOptions, isFresh: boolean): ClientRequest {
    const { place, silence } = this.to;
    const asked = this.connections.request(place, options, isFresh, silence);
    if (options.method === 'GET') {
      this.polls.set(asked, this);
      asked.once('close', () => this.polls.delete(asked));
    }
    return asked;
  }

  connect(onConnected: () => void): Socket {
    const { place, silence } = this.to;
    return this.connections.connect(place, onConnected, silence);
  }

  close(): void {
    this.#order('close');
  }

  /** Lets the owner answer the waiting poll. Does not throw. */
  release(): void {
    this.#order('release');
  }

  onUnreachable(error: Error): void {
    this.to.onUnreachable(error);
  }

  #order(order: NonNullable<SessionWish['order']>): void {
    const { place, url, silence } = this.to;
    const headers = { ...this.to.issue({ order }), 'content-length': 0 };
    const told = this.connections.request(
      place,
      { method: 'POST', path: url, headers },
      false,
      silence,
    );
    told.on('response', answer => answer.resume());
    // The connection is then closed without a code, and the poll is asked for again.
    told.on('error', () => {});
    told.end();
  }
}
