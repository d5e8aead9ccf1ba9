import type { IncomingMessage } from 'node:http';
import type { Engine } from './engine.interface.js';
import type { Peer } from './peer.interface.js';
import type { ClientConnection, SessionWish } from './sender.js';

/** What another host says about a request that it has forwarded. @internal */
export interface HostTicket extends SessionWish {
  readonly ticketId: string;
  readonly client: ClientConnection;
}

/** A request for a session of another host. @internal */
export interface ForeignRequest {
  readonly request: IncomingMessage;
  /** The id of the session. */
  readonly id: string;
  /** The host that has the session. */
  readonly host: string;
  /** The name of the server that has received it. */
  readonly server: string;
  readonly engine: Engine;
}

/** The other hosts of the namespace. @internal */
export interface OtherHosts {
  /** Resolves when the other hosts can find this one, or when that has failed. Never rejects. */
  announced(): Promise<void>;
  /**
   * Removes the ticket of another host from a request.
   *
   * @returns `undefined` if there is none, or a forged one; `expired` if a host of the namespace has issued it for this
   *   session, but not just now
   */
  takeTicket(request: IncomingMessage, id: string | undefined): HostTicket | 'expired' | undefined;
  /** Returns where the host of a session can be reached; `undefined` if that is unknown. Never rejects. */
  find(foreign: ForeignRequest): Promise<Peer | undefined>;
}
