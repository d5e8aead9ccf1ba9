import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { sentHeader } from '../sent-header.js';

/**
 * Ends a response if it is a stream of server-sent events: it would never end by itself, and its
 * client reconnects, to another worker. What the application writes to it after that is dropped,
 * because writing after the end is an error that would end the process.
 *
 * @internal
 */
export function endEventStream(response: ServerResponse | Http2ServerResponse): void {
  if (response.headersSent && !response.writableEnded && isEventStream(response)) {
    const { req } = response;
    // HTTP/1: with its connection. It was announced as one to keep, but an event source comes back
    // later only. HTTP/2 has told the session's client.
    response.end(() => req.httpVersionMajor === 1 && req.socket.end());
    response.write = () => true;
    response.end = (() => response) as typeof response.end;
  }
}

function isEventStream(response: ServerResponse | Http2ServerResponse): boolean {
  return sentHeader(response, 'content-type')?.startsWith('text/event-stream') ?? false;
}
