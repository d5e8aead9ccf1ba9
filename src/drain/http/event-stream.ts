import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { readSentHeader } from '../read-sent-header.js';

/**
 * Ends a response if it is a stream of server-sent events, because it would never end by itself. The client
 * reconnects to another worker. Later writes of the application are dropped: a write after the end is an error that
 * would end the process.
 *
 * @internal
 */
export function endEventStream(response: ServerResponse | Http2ServerResponse): void {
  if (response.headersSent && !response.writableEnded && isEventStream(response)) {
    const { req } = response;
    // HTTP/1: end the connection, too. It was announced as keep-alive, but an event source reconnects only later.
    // With HTTP/2, the client has been told by the session.
    response.once('finish', () => req.httpVersionMajor === 1 && req.socket.end());
    // Without arguments: `end()` may be that of a middleware, such as express-session, which expects data.
    response.end();
    response.write = () => true;
    response.end = (() => response) as typeof response.end;
  }
}

function isEventStream(response: ServerResponse | Http2ServerResponse): boolean {
  return readSentHeader(response, 'content-type')?.startsWith('text/event-stream') ?? false;
}
