import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { activityOf, closingOf, type Patience } from './quiet-limits.js';
import { endEventStream } from './event-stream.js';
import { firstInFlight } from './responses-in-flight.js';
import { readSentHeader } from '../read-sent-header.js';

/** Node's own response in this case, unless the application changes it. */
const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * One connection of an HTTP server that is being drained.
 *
 * @internal
 */
export class DrainingConnection {
  /** The response that announces the end of the connection. Weak, because an idle connection need not keep it. */
  #announced: WeakRef<ServerResponse> | undefined;
  #bytesSeen: number;
  #quietSince: number;

  /**
   * @param now the beginning of the time for which the connection is quiet, in milliseconds
   * @param lastSentAhead the response to the last request that the client has sent before an earlier one was answered
   */
  constructor(
    readonly socket: Socket,
    now: number,
    lastSentAhead: ServerResponse | undefined,
  ) {
    this.#quietSince = now;
    this.#bytesSeen = this.#bytes;
    const first = firstInFlight(socket);
    if (first) {
      const isLast = !lastSentAhead || lastSentAhead.writableFinished;
      this.#announceClose(isLast ? first : lastSentAhead);
      endEventStream(first);
    }
  }

  /**
   * Whether a response has announced the end of the connection. A client that has read it sends unanswered requests
   * again on another connection, so no further request may be handled.
   */
  get hasSaidClose(): boolean {
    const announced = this.#announced?.deref();
    return announced
      ? announced.headersSent && readSentHeader(announced, 'connection')?.toLowerCase() === 'close'
      : this.#announced !== undefined;
  }

  /** Called with the response to each request that arrives during the drain. */
  begin(response: ServerResponse): void {
    this.#announceClose(response);
  }

  /**
   * Closes the connection if nothing is in flight, or half a request, and it has been quiet for too long.
   *
   * @param unfinished whether Node waits for the rest of a request, or for the first one
   */
  closeIfOver(now: number, patience: Patience, unfinished: boolean): void {
    const response = firstInFlight(this.socket);
    const waitsForBody = response !== undefined && isShortOfBody(response);
    if (this.#bytes !== this.#bytesSeen || (response && !waitsForBody)) {
      this.#bytesSeen = this.#bytes;
      this.#quietSince = now;
    }
    if (response) {
      endEventStream(response);
    }
    const activity = activityOf({
      hasResponse: response !== undefined,
      waitsForBody,
      unfinished,
      hasBytes: this.#bytesSeen > 0,
    });
    const closing = closingOf(activity, now - this.#quietSince, patience);
    if (closing === 'giveUp') {
      this.#giveUpOn(response);
    } else if (closing === 'destroy') {
      this.socket.destroy();
    }
  }

  get #bytes(): number {
    return this.socket.bytesRead + this.socket.bytesWritten;
  }

  /**
   * Announces the end of the connection in this response, and in no earlier one. Node closes the connection after
   * the announcement, so responses to requests that the client has sent ahead would be lost.
   */
  #announceClose(response: ServerResponse): void {
    const previous = this.#announced?.deref();
    if (previous && !previous.headersSent && previous.getHeader('connection') === 'close') {
      previous.removeHeader('connection');
    }
    if (!response.headersSent) {
      response.setHeader('Connection', 'close');
      this.#announced = new WeakRef(response);
    }
  }

  /** Gives up on a request that the client may send again on another connection. */
  #giveUpOn(response: ServerResponse | undefined): void {
    if (response?.headersSent || !this.socket.writable) {
      this.socket.destroy();
    } else {
      this.socket.write(REQUEST_TIMEOUT);
      this.socket.destroySoon();
    }
  }
}

/** Whether the application waits for more of a request's body, and all earlier responses have been sent. */
function isShortOfBody({ req, socket }: ServerResponse): boolean {
  return (
    socket !== null && !req.complete && req.readableFlowing !== null && req.readableLength === 0
  );
}
