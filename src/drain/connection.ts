import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A connection that sent nothing is closed this many milliseconds into the drain. */
const SILENT_MILLISECONDS = 1_000;

/**
 * One connection of an HTTP server, and what is in flight on it.
 *
 * @internal
 */
export class Connection {
  /**
   * The last response, which is the only one that may be in flight: they go out in order. Held weakly,
   * so that an idle connection does not keep what it has answered; one in flight is held by Node. This
   * is all the work that a request costs, where a listener for its end would cost several times as much.
   */
  #last: WeakRef<ServerResponse> | undefined;
  #bytesSeen = 0;
  #quietSince = 0;

  constructor(readonly socket: Socket) {}

  /** A request arrived; it is in flight until its response has been sent, or the connection closes. */
  begin(response: ServerResponse): void {
    this.#last = new WeakRef(response);
  }

  /** From now on its quiet counts. */
  beginDraining(now: number): void {
    this.#quietSince = now;
    this.#bytesSeen = this.socket.bytesRead;
    const response = this.#inFlight();
    if (response) {
      announceClose(response);
      endEventStream(response);
    }
  }

  /**
   * Whether there is nothing more to wait for: no request in flight, and quiet for `idleTimeout`
   * milliseconds or, where nothing has ever come, for a second.
   */
  isOver(now: number, idleTimeout: number): boolean {
    const response = this.#inFlight();
    if (response || this.socket.bytesRead !== this.#bytesSeen) {
      this.#bytesSeen = this.socket.bytesRead;
      this.#quietSince = now;
      if (response) {
        endEventStream(response);
      }
      return false;
    }
    const patience = this.#bytesSeen === 0 ? SILENT_MILLISECONDS : idleTimeout;
    return now - this.#quietSince >= patience;
  }

  #inFlight(): ServerResponse | undefined {
    const response = this.#last?.deref();
    return response?.writableFinished ? undefined : response;
  }
}

/** Tells the client not to use the connection again; on HTTP/2 there is no such header. @internal */
export function announceClose(response: ServerResponse): void {
  if (!response.headersSent && isHttp1(response.req)) {
    response.setHeader('Connection', 'close');
  }
}

/**
 * Ends a stream of server-sent events: it would never end by itself, and its client reconnects, to
 * another worker. What the application writes to it after that is dropped, because writing after
 * the end is an error that would end the process.
 */
function endEventStream(response: ServerResponse): void {
  if (response.headersSent && !response.writableEnded && isEventStream(response)) {
    // With its connection: it was announced as one to keep, but an event source comes back later only.
    response.end(() => response.req.socket.end());
    response.write = () => true;
    response.end = () => response;
  }
}

function isEventStream(response: ServerResponse): boolean {
  // Node does not keep headers that were given to `writeHead()` alone. What a browser's EventSource
  // asked for is as good then.
  const type = response.getHeader('content-type') ?? response.req.headers.accept;
  return String(type).startsWith('text/event-stream');
}

function isHttp1({ httpVersionMajor }: IncomingMessage): boolean {
  return httpVersionMajor === 1;
}
