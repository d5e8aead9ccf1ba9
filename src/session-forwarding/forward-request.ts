import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { answeredHeaders, forwardedHeaders, type Sender } from './sender.js';

/** Where a request is forwarded to, and for whom. @internal */
export interface ForwardTarget {
  /** The path of the private socket of the owner. */
  readonly socketPath: string;
  readonly sender: Sender;
  /** The id of the session. */
  readonly id: string;
}

/**
 * Forwards a request to the owner of its session, and sends the answer to the client. Nothing is buffered.
 *
 * @param onGone called if the owner cannot be reached, or ends before it answers; `response` is still unused
 * @internal
 */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  { socketPath, sender }: ForwardTarget,
  agent: Agent,
  onGone: () => void,
): void {
  // Engine.IO reads only the bodies of POST requests. Node would send another body without its length, and the owner
  // would read that body as a new request.
  const hasBody = incoming.method === 'POST';
  let forwarded: ClientRequest;
  try {
    forwarded = request({
      socketPath,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: forwardedHeaders(incoming, sender, hasBody),
      setHost: false,
    });
  } catch {
    // The parser was lenient: it accepted a request that Node refuses to send.
    incoming.resume();
    response.writeHead(400).end();
    return;
  }
  forwarded.on('response', answer => {
    response.writeHead(answer.statusCode ?? 502, answeredHeaders(answer));
    // The owner has ended in the middle of its answer.
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  forwarded.on('error', error => {
    if (response.headersSent) {
      response.destroy();
    } else if (!response.destroyed) {
      incoming.unpipe(forwarded);
      incoming.resume();
      if (isOverload(error)) {
        response.writeHead(503).end();
      } else {
        onGone();
      }
    }
  });
  response.on('close', () => {
    if (!response.writableFinished) {
      forwarded.destroy();
    }
  });
  if (hasBody) {
    incoming.pipe(forwarded);
  } else {
    incoming.resume();
    forwarded.end();
  }
}

/**
 * Returns whether the owner may still be alive: its queue of connections is full, or this process has no file descriptors
 * left.
 *
 * @internal
 */
export function isOverload({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'EMFILE' || code === 'ENFILE';
}
