import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { answeredHeaders, forwardedHeaders } from './forwarded-headers.js';
import type { Peer } from './peer.interface.js';

/** The longest body in bytes that is read before it is sent, so that it can be sent again. Engine.IO reads it whole, too. */
const MAX_REPEATABLE_BODY = 65_536;

/** The code of the error with which a request to a silent owner fails. @internal */
export const SILENT = 'ETIMEDOUT';

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
  const { headers, method } = incoming;
  if (headers['transfer-encoding'] !== undefined) {
    // The parser was lenient. The owner would read the rest of the body as another request.
    delete headers['content-length'];
  }
  let isClosed = false;
  response.once('close', () => (isClosed = true));
  const send = (body: Buffer | IncomingMessage | undefined, isFresh: boolean): void => {
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
    forwarded.on('error', (error: NodeJS.ErrnoException) => {
      const isSilent = error.code === SILENT;
      if (response.headersSent) {
        response.destroy();
      } else if (peer.closesIdle && forwarded.reusedSocket && !isSilent && !isClosed) {
        send(body, true);
      } else if (!isClosed) {
        incoming.unpipe(forwarded);
        incoming.resume();
        if (isOverload(error)) {
          response.writeHead(503).end();
        } else {
          // Otherwise it is the client that is silent.
          if (incoming.complete || !isSilent) {
            peer.onUnreachable(error);
          }
          onGone();
        }
      }
    });
    response.once('close', () => {
      // Over HTTP/2, what a client has given up is finished, too.
      if (!response.writableEnded) {
        forwarded.destroy();
      }
    });
    if (body === incoming) {
      if (peer.closesIdle) {
        // The client may be slow, and a ticket is valid for a short time only.
        forwarded.flushHeaders();
      }
      incoming.pipe(forwarded);
    } else {
      forwarded.end(body);
    }
  };
  // Engine.IO reads only the bodies of POST requests. Node would send another body without its length, and the owner
  // would read that body as a new request.
  if (method !== 'POST') {
    incoming.resume();
    send(undefined, false);
  } else if (read) {
    send(read, false);
  } else if (peer.closesIdle && Number(headers['content-length']) <= MAX_REPEATABLE_BODY) {
    // It rejects if the client is gone.
    buffer(incoming).then(
      body => isClosed || send(body, false),
      () => {},
    );
  } else {
    send(incoming, peer.closesIdle);
  }
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
    const headers = forwardedHeaders(incoming, peer.headers, hasBody);
    return peer.request({ method, path, headers, setHost: false }, isFresh);
  } catch {
    return undefined;
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
