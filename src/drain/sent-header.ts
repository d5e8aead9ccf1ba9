import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/**
 * A header of a response whose head has been written. Node keeps no header that was given to
 * `writeHead()` alone, except in the text of the head (`_header`); where that is not found, those that
 * it keeps are all there are.
 *
 * @internal
 */
export function sentHeader(
  response: (ServerResponse | Http2ServerResponse) & { readonly _header?: unknown },
  name: string,
): string | undefined {
  const { _header: head } = response;
  if (typeof head === 'string') {
    return new RegExp(`^${name}: *(.*?)\r$`, 'im').exec(head)?.[1];
  }
  return response.getHeader(name)?.toString();
}
