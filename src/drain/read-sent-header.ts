import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/**
 * Returns a header of a response whose head has been written. Node stores headers that were passed to `writeHead()`
 * only in the text of the head (`_header`). Without that text, only the stored headers are searched.
 *
 * @internal
 */
export function readSentHeader(
  response: (ServerResponse | Http2ServerResponse) & { readonly _header?: unknown },
  name: string,
): string | undefined {
  const { _header: head } = response;
  if (typeof head === 'string') {
    return new RegExp(`^${name}: *(.*?)\r$`, 'im').exec(head)?.[1];
  }
  return response.getHeader(name)?.toString();
}
