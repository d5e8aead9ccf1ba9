import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

// oxlint-disable no-underscore-dangle -- Node's own name

/**
 * What Node keeps on the socket of an HTTP/1 connection
 * (https://github.com/nodejs/node/blob/main/lib/_http_server.js). It is read only during a drain, so that requests cost
 * nothing before.
 */
interface HttpSocket extends Socket {
  /** The first response that was not sent completely: responses are sent in the order of their requests. */
  readonly _httpMessage?: ServerResponse | null;
  readonly parser?: {
    /** The last request whose response was not sent completely. */
    readonly incoming?: IncomingMessage | null;
  } | null;
}

/** Returns the first response of a connection that is in flight. @internal */
export function firstInFlight(socket: Socket): ServerResponse | undefined {
  const response = (socket as HttpSocket)._httpMessage;
  return response && !response.writableFinished ? response : undefined;
}

/** Whether the client has sent no further request after that of a response in flight. @internal */
export function isLastInFlight(socket: Socket, response: ServerResponse): boolean {
  const last = (socket as HttpSocket).parser?.incoming;
  return !last || last === response.req;
}
