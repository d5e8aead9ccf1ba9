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
  // Engine.IO reads the body of no other request. Node would send one without its length, and the owner would take it for
  // another request.
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
    // A lenient parser has accepted what Node does not send.
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

/** The owner may live: its queue of connections is full, or this process has no descriptors left. @internal */
export function isOverload({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'EMFILE' || code === 'ENFILE';
}
