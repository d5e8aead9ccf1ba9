import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord } from '../system/is-record.js';

/** The header with which a worker says for whom it forwards. Only private servers read it. */
const HEADER = 'x-nestjs-cluster-sender';

/** The client of a forwarded request, and the worker that forwards it. @internal */
export interface Sender {
  /** Node's id of the worker. */
  readonly worker: number;
  /** The name of the server for which the request is. */
  readonly server: string;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly family?: string | undefined;
  /** Whether the connection of the client is encrypted. */
  readonly encrypted: boolean;
  /** The id of a session whose WebSocket the owner closes. A message with it is not a request of a client. */
  readonly close?: string;
}

/** Headers that are about one connection: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Describes the client of a request. @internal */
export function senderOf({ socket }: IncomingMessage, worker: number, server: string): Sender {
  return {
    worker,
    server,
    address: socket.remoteAddress,
    port: socket.remotePort,
    family: socket.remoteFamily,
    encrypted: 'encrypted' in socket && socket.encrypted === true,
  };
}

/** Returns the header of a message to a private server. @internal */
export function senderHeader(sender: Sender): Record<string, string> {
  return { [HEADER]: encodeURIComponent(JSON.stringify(sender)) };
}

/**
 * Returns the headers with which a request is forwarded.
 *
 * @param hasBody whether its body is forwarded, too
 * @internal
 */
export function forwardedHeaders(
  { headers }: { readonly headers: IncomingHttpHeaders },
  sender: Sender,
  hasBody: boolean,
): Record<string, string | string[]> {
  const forwarded = Object.entries(headers).filter(
    // Names with a colon are the pseudo-headers of HTTP/2. A client may have sent the private header itself.
    ([name]) =>
      !OF_CONNECTION.has(name) &&
      !name.startsWith(':') &&
      name !== HEADER &&
      (hasBody || name !== 'content-length'),
  ) as [string, string | string[]][];
  return {
    ...senderHeader(sender),
    ...(headers[':authority'] && { host: String(headers[':authority']) }),
    ...Object.fromEntries(forwarded),
    ...(hasBody && headers['content-length'] === undefined && { 'transfer-encoding': 'chunked' }),
  };
}

/** Returns the header lines of a forwarded upgrade request. Apart from the private header, they are unchanged. @internal */
export function forwardedLines({ rawHeaders }: IncomingMessage, sender: Sender): string[] {
  const own = Object.entries(senderHeader(sender)).flat();
  const headers = [...own, ...withoutHeaders(rawHeaders, isPrivate)];
  return headers.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [],
  );
}

/** Returns the headers of a response that the client gets, in the form of `rawHeaders`. @internal */
export function answeredHeaders({ rawHeaders }: IncomingMessage): string[] {
  return withoutHeaders(rawHeaders, name => OF_CONNECTION.has(name));
}

/**
 * Takes the private header from a request that has reached a private server, and gives the socket the address of the
 * client. A connection carries one request at a time.
 *
 * @returns `undefined` if there is no such header
 * @internal
 */
export function takeSender(request: IncomingMessage): Sender | undefined {
  const text = request.headers[HEADER];
  delete request.headers[HEADER];
  // Node computes them from the raw headers, on first use.
  delete request.headersDistinct[HEADER];
  request.rawHeaders = withoutHeaders(request.rawHeaders, isPrivate);
  const sender = typeof text === 'string' ? readSender(text) : undefined;
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

/** Returns the names and values of `rawHeaders` without those of some names. */
function withoutHeaders(raw: readonly string[], isLeftOut: (name: string) => boolean): string[] {
  return raw.filter((_, index) => !isLeftOut(raw[index - (index % 2)]!.toLowerCase()));
}

function isPrivate(name: string): boolean {
  return name === HEADER;
}

function presentAs({ address, port, family, encrypted }: Sender, socket: Socket): void {
  const values = { remoteAddress: address, remotePort: port, remoteFamily: family, encrypted };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(socket, name, { value, configurable: true, writable: true });
  }
}
