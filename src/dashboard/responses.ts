import type { FileHandle } from 'node:fs/promises';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/** What the responses of Express and Fastify have in common. @internal */
export interface AnyResponse {
  /** Node's response, with Fastify. */
  readonly raw?: ServerResponse;
  status(code: number): AnyResponse;
  header(name: string, value: string): unknown;
  getHeaders(): OutgoingHttpHeaders;
  send(body?: string | Buffer): unknown;
  /** Fastify: the response is written without it. */
  hijack?(): unknown;
}

/** The headers of all responses. Nothing of other hosts is loaded, and nothing of the page is shown in others. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  'x-robots-tag': 'noindex',
};

/** Sets the headers of all responses. @internal */
export function setHeaders(response: AnyResponse, headers = HEADERS): void {
  Object.entries(headers).forEach(([name, value]) => response.header(name, value));
}

/** Returns Node's response. @internal */
export function nodeResponse(response: AnyResponse): ServerResponse {
  return response.raw ?? (response as unknown as ServerResponse);
}

/**
 * Calls the listener when the response is over: at once if the client has gone while guards decided.
 *
 * @internal
 */
export function onClosed(response: ServerResponse, listener: () => void): void {
  // That of HTTP/2 tells it with its stream.
  const { stream } = response as { readonly stream?: { readonly destroyed: boolean } };
  if (response.destroyed || stream?.destroyed) {
    listener();
  } else {
    response.once('close', listener);
  }
}

/** @internal */
export function sendJson(response: AnyResponse, status: number, body: object): void {
  response.header('content-type', 'application/json; charset=utf-8');
  response.status(status).send(JSON.stringify(body));
}

/**
 * Begins a response that is written piece by piece.
 *
 * @returns Node's response
 * @internal
 */
export function beginWriting(
  response: AnyResponse,
  headers: Readonly<Record<string, string>>,
): ServerResponse {
  setHeaders(response, headers);
  response.hijack?.();
  const raw = nodeResponse(response);
  // Fastify has not given the headers to Node.
  raw.writeHead(200, response.getHeaders());
  return raw;
}

/** A file that is sent as a download. @internal */
export interface Download {
  readonly name: string;
  readonly handle: FileHandle;
  readonly bytes: number;
}

/**
 * Sends a file, and closes it in any case. If the browser has gone, nobody has to be told.
 *
 * @internal
 */
export async function sendFile(
  response: AnyResponse,
  { name, handle, bytes }: Download,
): Promise<void> {
  const file = handle.createReadStream();
  try {
    const raw = beginWriting(response, {
      'content-type': 'application/json',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${name}"`,
    });
    await pipeline(file, raw).catch(() => {});
  } finally {
    file.destroy();
  }
}
