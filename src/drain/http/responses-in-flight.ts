import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

// oxlint-disable no-underscore-dangle -- Node's own name

/**
 * What Node keeps on the socket of an HTTP/1 connection: the first response that was not sent completely. Responses are
 * sent in the order of their requests. https://github.com/nodejs/node/blob/main/lib/_http_server.js
 */
interface HttpSocket extends Socket {
  readonly _httpMessage?: ServerResponse | null;
}

/** Returns the first response of a connection that is in flight. @internal */
export function firstInFlight(socket: Socket): ServerResponse | undefined {
  const response = (socket as HttpSocket)._httpMessage;
  return response && !response.writableFinished ? response : undefined;
}

/**
 * Whether the client has sent the request before the response to an earlier one was sent completely.
 *
 * @internal
 */
export function wasSentAhead(socket: Socket, response: ServerResponse): boolean {
  return (socket as HttpSocket)._httpMessage !== response;
}
