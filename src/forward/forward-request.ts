import { type Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
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
  const forwarded = request({
    socketPath,
    agent,
    method: incoming.method,
    path: incoming.url,
    headers: forwardedHeaders(incoming, sender),
    setHost: false,
  });
  forwarded.on('response', answer => {
    response.writeHead(answer.statusCode ?? 502, answeredHeaders(answer));
    // The owner has ended in the middle of its answer.
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  forwarded.on('error', () => {
    if (response.headersSent) {
      response.destroy();
    } else if (!response.destroyed) {
      incoming.unpipe(forwarded);
      incoming.resume();
      onGone();
    }
  });
  response.on('close', () => {
    if (!response.writableFinished) {
      forwarded.destroy();
    }
  });
  incoming.pipe(forwarded);
}
