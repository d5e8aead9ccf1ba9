import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request, of Express or Fastify. @internal */
export interface AnyRequest {
  /** Node's request, with Fastify. */
  readonly raw?: IncomingMessage;
  /** The address of the client, as the framework sees it: proxies that it trusts are left out. */
  readonly ip?: string;
  readonly originalUrl?: string;
  readonly url?: string;
  readonly body?: unknown;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** What decides whether a request is answered. @internal */
export interface RequestFacts {
  readonly method: string;
  /** `1.0`, `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** The address of the other end of the connection; `undefined` for a Unix socket. */
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Returns Node's request. @internal */
export function nodeRequest(request: AnyRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}

/** @internal */
export function factsOf(request: AnyRequest): RequestFacts {
  const { method = 'GET', httpVersion, headers, socket } = nodeRequest(request);
  return { method, httpVersion, remoteAddress: socket.remoteAddress, headers };
}

/** Returns the host to which the client believes to speak, in lower case. @internal */
export function hostOf({ headers }: Pick<RequestFacts, 'headers'>): string | undefined {
  const authority = headers[':authority'];
  return (headers.host ?? (typeof authority === 'string' ? authority : undefined))?.toLowerCase();
}
