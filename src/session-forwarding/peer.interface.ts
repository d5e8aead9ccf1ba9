import type { ClientRequest, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { AddedHeaders } from './forwarded-headers.js';

/** The options of a request to a {@link Peer}. @internal */
export type PeerRequest = { [Name in keyof RequestOptions]: RequestOptions[Name] | undefined };

/** Where a request is forwarded to: another worker of the host, or another host. @internal */
export interface Peer {
  /**
   * Whether the other end may close an idle connection in the moment in which it is used. Such a request is sent again, once,
   * over a new connection.
   */
  readonly closesIdle: boolean;
  /** Whether the headers that are added are valid for a short time only. */
  readonly headersExpire: boolean;

  /** Returns headers to add, which are valid from now on. */
  createHeaders(): AddedHeaders;
  /**
   * Begins a request.
   *
   * @param isFresh whether it needs a new connection
   * @throws if Node refuses to send it
   */
  request(options: PeerRequest, isFresh: boolean): ClientRequest;
  /** Opens a connection for an upgrade. */
  connect(onConnected: () => void): Socket;
  /** Lets the owner close the WebSocket of the session, with a code. Does not throw. */
  close(): void;
  /** Called if a request fails because the peer cannot be reached. */
  onUnreachable(error: Error): void;
}
