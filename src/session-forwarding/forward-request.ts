import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { systemClock } from '../system/time/clock.js';
import { answeredHeaders, forwardedHeaders } from './forwarded-headers.js';
import { isOverload, isSilence } from './peer-errors.js';
import type { Peer } from './peer.interface.js';

/** The longest body in bytes that is read before it is sent, so that it can be sent again. Engine.IO reads it whole, too. */
const MAX_REPEATABLE_BODY = 65_536;

/**
 * Milliseconds after its beginning in which a request is sent again. An idle connection that the owner has closed shows within
 * a round trip; what fails later may have been received. Shorter than owners remember tickets.
 */
const REPEATABLE_FOR = 1_000;

/** A request that is being forwarded. */
interface Forwarding {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  readonly onGone: () => void;
  /** Whether the connection of the client is closed, or the response is complete. */
  readonly isClosed: () => boolean;
}

/** What is sent as the body of a request: what was read of it, or the request itself, which is being read. */
type Body = Buffer | IncomingMessage | undefined;

/**
 * Forwards a request to the owner of its session, and sends the answer to the client. Nothing is buffered, except for short
 * bodies that may have to be sent again.
 *
 * @param onGone called if the owner cannot be reached, or ends before it answers; `response` is still unused
 * @param read the body, if it was read already
 * @internal
 */
export function forwardRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  peer: Peer,
  onGone: () => void,
  read?: Buffer,
): void {
  const { headers } = incoming;
  if (headers['transfer-encoding'] !== undefined) {
    // The parser was lenient. The owner would read the rest of the body as another request.
    delete headers['content-length'];
  }
  let isClosed = false;
  response.once('close', () => (isClosed = true));
  const forwarding = { incoming, response, peer, onGone, isClosed: () => isClosed };
  const body = bodyToSend(incoming, peer, read);
  if (body instanceof Promise) {
    // It rejects if the client is gone.
    body.then(
      whole => isClosed || attempt(forwarding, whole),
      () => {},
    );
  } else {
    attempt(forwarding, body);
  }
}

/** @param read the body, if it was read already */
function bodyToSend(incoming: IncomingMessage, peer: Peer, read?: Buffer): Body | Promise<Buffer> {
  // Engine.IO reads only the bodies of POST requests. Node would send another body without its length, and the owner
  // would read that body as a new request.
  if (incoming.method !== 'POST') {
    incoming.resume();
    return undefined;
  }
  if (read) {
    return read;
  }
  const isShort = Number(incoming.headers['content-length']) <= MAX_REPEATABLE_BODY;
  return peer.closesIdle && isShort ? buffer(incoming) : incoming;
}

/** @param isRepeated whether the owner has closed the connection of a first attempt */
function attempt(forwarding: Forwarding, body: Body, isRepeated = false): void {
  const { incoming, response, peer } = forwarding;
  const begunAt = systemClock.now();
  // A body that is being read cannot be sent again.
  const isFresh = isRepeated || (body === incoming && peer.closesIdle);
  const forwarded = begin(incoming, peer, body !== undefined, isFresh);
  if (!forwarded) {
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
    const isRepeatable =
      peer.closesIdle && forwarded.reusedSocket && systemClock.now() - begunAt < REPEATABLE_FOR;
    onFailure(
      forwarding,
      forwarded,
      error,
      isRepeatable ? () => attempt(forwarding, body, true) : undefined,
    );
  });
  response.once('close', () => {
    // Over HTTP/2, what a client has given up is finished, too.
    if (!response.writableEnded) {
      forwarded.destroy();
    }
  });
  if (body !== incoming) {
    forwarded.end(body);
    return;
  }
  if (peer.headersExpire) {
    // The client may be slow.
    forwarded.flushHeaders();
  }
  incoming.pipe(forwarded);
}

/** Returns `undefined` if Node refuses to send the request: the parser was lenient, and has accepted it. */
function begin(
  incoming: IncomingMessage,
  peer: Peer,
  hasBody: boolean,
  isFresh: boolean,
): ClientRequest | undefined {
  try {
    const { method, url: path } = incoming;
    const headers = forwardedHeaders(incoming, peer.createHeaders(), hasBody);
    return peer.request({ method, path, headers, setHost: false }, isFresh);
  } catch {
    return undefined;
  }
}

/** @param repeat sends the request again, if that is safe */
function onFailure(
  forwarding: Forwarding,
  forwarded: ClientRequest,
  error: Error,
  repeat: (() => void) | undefined,
): void {
  const { incoming, response, peer, onGone, isClosed } = forwarding;
  if (response.headersSent) {
    response.destroy();
  } else if (isClosed()) {
    // The client is gone.
  } else if (repeat && !isSilence(error)) {
    repeat();
  } else {
    incoming.unpipe(forwarded);
    incoming.resume();
    if (isOverload(error)) {
      response.writeHead(503).end();
      return;
    }
    // Otherwise it is the client that is silent.
    if (incoming.complete || !isSilence(error)) {
      peer.onUnreachable(error);
    }
    onGone();
  }
}
