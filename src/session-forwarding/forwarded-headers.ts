import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What the headers of this package begin with. Those that a client has sent itself are not forwarded. @internal */
export const OWN_HEADERS = 'x-nestjs-cluster-';

/** Headers that a worker adds to what it forwards. @internal */
export type AddedHeaders = Readonly<Record<string, string>>;

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

/**
 * Returns the headers with which a request is forwarded.
 *
 * @param hasBody whether its body is forwarded, too
 * @internal
 */
export function forwardedHeaders(
  { headers }: { readonly headers: IncomingHttpHeaders },
  added: AddedHeaders,
  hasBody: boolean,
): Record<string, string | string[]> {
  const forwarded = Object.entries(headers).filter(
    // Names with a colon are the pseudo-headers of HTTP/2.
    ([name]) =>
      !OF_CONNECTION.has(name) &&
      !name.startsWith(':') &&
      !isOwn(name) &&
      (hasBody || name !== 'content-length'),
  ) as [string, string | string[]][];
  return {
    ...added,
    // A request over HTTP/1.0 needs no host, but one over HTTP/1.1 does.
    host: String(headers[':authority'] ?? ''),
    ...Object.fromEntries(forwarded),
    ...(hasBody && headers['content-length'] === undefined && { 'transfer-encoding': 'chunked' }),
  };
}

/** Returns the header lines of a forwarded upgrade. Apart from the headers of this package, they are unchanged. @internal */
export function forwardedLines({ rawHeaders }: IncomingMessage, added: AddedHeaders): string[] {
  return headerLines([...Object.entries(added).flat(), ...withoutHeaders(rawHeaders, isOwn)]);
}

/** Returns the lines of headers in the form of `rawHeaders`. @internal */
export function headerLines(headers: readonly string[]): string[] {
  return headers.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${headers[index + 1]}`] : [],
  );
}

/** Returns the headers of a response that the client gets, in the form of `rawHeaders`. @internal */
export function answeredHeaders({ rawHeaders }: IncomingMessage): string[] {
  return withoutHeaders(rawHeaders, name => OF_CONNECTION.has(name));
}

/**
 * Removes a header from a request.
 *
 * @returns its value
 * @internal
 */
export function takeHeader(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  if (value !== undefined) {
    const { headers, rawHeaders } = request;
    delete headers[name];
    // Node computes them from the raw headers, on first use; over HTTP/2, there are none.
    const distinct: NodeJS.Dict<string[]> | undefined = request.headersDistinct;
    delete distinct?.[name];
    // Over HTTP/2, the property is read-only.
    rawHeaders.splice(0, Infinity, ...withoutHeaders(rawHeaders, other => other === name));
  }
  return typeof value === 'string' ? value : undefined;
}

/** Returns the names and values of `rawHeaders` without those of some names. */
function withoutHeaders(raw: readonly string[], isLeftOut: (name: string) => boolean): string[] {
  return raw.filter((_, index) => !isLeftOut(raw[index - (index % 2)]!.toLowerCase()));
}

function isOwn(name: string): boolean {
  return name.startsWith(OWN_HEADERS);
}
