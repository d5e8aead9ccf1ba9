import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { answeredHeaders, forwardedHeaders } from './forwarded-headers.js';
import type { Peer } from './peer.interface.js';

/** The longest body in bytes that is read before it is sent, so that it can be sent again. Engine.IO reads it whole, too. */
const MAX_REPEATABLE_BODY = 65_536;

/** A request of a client, and what answers it. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  readonly onGone: () => void;
}

/** What is sent to the peer. */
interface Attempt {
  /** `incoming` is streamed. */
  readonly body: Buffer | IncomingMessage | undefined;
  readonly isFresh: boolean;
}

/**
 * Forwards a request to the owner of its session, and sends the answer to the client. Nothing is buffered, except for short
 * bodies that may have to be sent again.
 *
 * @param onGone called if the owner cannot be reached, or ends before it answers; `response` is still unused
 * @internal
 */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  peer: Peer,
  onGone: () => void,
): void {
  const exchange = { incoming, response, peer, onGone };
  // Engine.IO reads only the bodies of POST requests. Node would send another body without its length, and the owner
  // would read that body as a new request.
  if (incoming.method !== 'POST') {
    incoming.resume();
    send(exchange, { body: undefined, isFresh: false });
  } else if (!peer.closesIdle) {
    send(exchange, { body: incoming, isFresh: false });
  } else if (Number(incoming.headers['content-length']) <= MAX_REPEATABLE_BODY) {
    void buffer(incoming).then(
      body => send(exchange, { body, isFresh: false }),
      // The client is gone.
      () => {},
    );
  } else {
    send(exchange, { body: incoming, isFresh: true });
  }
}

function send(exchange: Exchange, attempt: Attempt): void {
  const { incoming, response, peer } = exchange;
  const { body, isFresh } = attempt;
  let forwarded: ClientRequest;
  try {
    const { method, url: path } = incoming;
    const headers = forwardedHeaders(incoming, peer.headers, body !== undefined);
    forwarded = peer.request({ method, path, headers, setHost: false } as object, isFresh);
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
  const abandon = (): void => {
    if (!response.writableFinished) {
      forwarded.destroy();
    }
  };
  response.once('close', abandon);
  forwarded.on('error', error => {
    response.off('close', abandon);
    if (response.headersSent) {
      response.destroy();
    } else if (!response.destroyed) {
      onFailure(exchange, attempt, forwarded, error);
    }
  });
  if (body === incoming) {
    incoming.pipe(forwarded);
  } else {
    forwarded.end(body);
  }
}

/** Handles that a request was not answered. */
function onFailure(
  exchange: Exchange,
  { body, isFresh }: Attempt,
  forwarded: ClientRequest,
  error: Error,
): void {
  const { incoming, response, peer, onGone } = exchange;
  if (peer.closesIdle && forwarded.reusedSocket && !isFresh) {
    send(exchange, { body, isFresh: true });
    return;
  }
  incoming.unpipe(forwarded);
  incoming.resume();
  if (isOverload(error)) {
    response.writeHead(503).end();
  } else {
    peer.onUnreachable(error);
    onGone();
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
