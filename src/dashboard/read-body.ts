import { type AnyRequest, nodeRequest } from './access/request-facts.js';

/** The longest body, in bytes. */
const MAX_BYTES = 64 * 1024;

/**
 * Returns the parsed body of a request. An application may have no body parser (`bodyParser: false`).
 *
 * @returns `undefined` if it is no JSON, or too long
 * @internal
 */
export async function readBody(request: AnyRequest): Promise<unknown> {
  const raw = nodeRequest(request);
  if (request.body !== undefined || raw.readableEnded) {
    return request.body;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) {
      return undefined;
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
