import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord } from '../system/is-record.js';
import { type AddedHeaders, OWN_HEADERS, takeHeader } from './forwarded-headers.js';

/** The header with which a worker says for whom it forwards. Only private servers read it. */
const HEADER = `${OWN_HEADERS}sender`;

/** The connection of a client. @internal */
export interface ClientConnection {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly family?: string | undefined;
  readonly encrypted: boolean;
}

/** What a worker wants of the owner of a session. @internal */
export interface SessionWish {
  /**
   * The message is not a request of the client. `close`: the owner closes the WebSocket of the session. `release`: it
   * answers the waiting poll.
   */
  readonly order?: 'close' | 'release' | undefined;
  /** Whether a poll is answered at once, even if there is no message for the client. */
  readonly isBrief?: boolean | undefined;
}

/** The client of a forwarded request, and the worker that forwards it. @internal */
export interface Sender extends ClientConnection, SessionWish {
  /** Node's id of the worker. */
  readonly worker: number;
  /** The name of the server for which the request is. */
  readonly server: string;
  /** The id of the ticket with which another host has forwarded it. It can be used once. */
  readonly ticketId?: string | undefined;
}

/** Describes the client of a request. @internal */
export function clientOf({ socket }: IncomingMessage): ClientConnection {
  return {
    address: socket.remoteAddress,
    port: socket.remotePort,
    family: socket.remoteFamily,
    encrypted: 'encrypted' in socket && socket.encrypted === true,
  };
}

/** Returns the header of a message to a private server. @internal */
export function senderHeader(sender: Sender): AddedHeaders {
  return { [HEADER]: encodeURIComponent(JSON.stringify(sender)) };
}

/**
 * Takes the private header from a request that has reached a private server, and gives the socket the address of the
 * client. A connection carries one request at a time.
 *
 * @returns `undefined` if there is no such header
 * @internal
 */
export function takeSender(request: IncomingMessage): Sender | undefined {
  const text = takeHeader(request, HEADER);
  const sender = text === undefined ? undefined : readSender(text);
  if (sender) {
    presentAs(sender, request.socket);
  }
  return sender;
}

function readSender(text: string): Sender | undefined {
  try {
    const sender: unknown = JSON.parse(decodeURIComponent(text));
    return isRecord(sender) &&
      Number.isInteger(sender['worker']) &&
      typeof sender['server'] === 'string'
      ? (sender as unknown as Sender)
      : undefined;
  } catch {
    return undefined;
  }
}

function presentAs({ address, port, family, encrypted }: ClientConnection, socket: Socket): void {
  const values = { remoteAddress: address, remotePort: port, remoteFamily: family, encrypted };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(socket, name, { value, configurable: true, writable: true });
  }
}
