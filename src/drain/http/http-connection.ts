import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { activityOf, closingOf, type Patience } from './connection-closing.js';
import { endEventStream } from './event-stream.js';
import { sentHeader } from '../sent-header.js';

/** What Node itself answers in such a case, unless the application has it answer something else. */
const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';

/**
 * One connection of an HTTP server, and what is in flight on it.
 *
 * @internal
 */
export class Connection {
  /**
   * The last response, which is in flight as long as any is: they go out in order. Held weakly, so
   * that an idle connection does not keep what it has answered; one in flight is held by Node. This is
   * all the work that a request costs, where a listener for its end would cost several times as much.
   */
  #last: WeakRef<ServerResponse> | undefined;
  #draining = false;
  /** The one that says that it is the connection's last. */
  #announced: WeakRef<ServerResponse> | undefined;
  #bytesSeen = 0;
  #quietSince = 0;

  constructor(readonly socket: Socket) {}

  /**
   * Whether a response has told the client that it is the connection's last. Whoever has read that
   * sends what is not answered again elsewhere: nothing more may be begun.
   */
  get hasSaidClose(): boolean {
    const announced = this.#announced?.deref();
    return announced
      ? announced.headersSent && sentHeader(announced, 'connection')?.toLowerCase() === 'close'
      : this.#announced !== undefined;
  }

  /** A request arrived; it is in flight until its response has been sent, or the connection closes. */
  begin(response: ServerResponse): void {
    if (this.#last?.deref() !== response) {
      this.#last = new WeakRef(response);
      if (this.#draining) {
        this.#announceClose(response);
      }
    }
  }

  /** From now on its quiet counts. */
  beginDraining(now: number): void {
    this.#draining = true;
    this.#quietSince = now;
    this.#bytesSeen = this.#bytes;
    const response = this.#inFlight();
    if (response) {
      this.#announceClose(response);
      endEventStream(response);
    }
  }

  /**
   * Closes it if there is nothing more to wait for: nothing in flight, or half a request, and quiet
   * for too long.
   *
   * @param unfinished whether Node waits for the rest of a request, or for a first one
   */
  closeIfOver(now: number, patience: Patience, unfinished: boolean): void {
    const response = this.#inFlight();
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

  #inFlight(): ServerResponse | undefined {
    const response = this.#last?.deref();
    return response?.writableFinished ? undefined : response;
  }

  /**
   * Tells the client with this response, and with none before it, not to use the connection again:
   * Node closes it then, and what else is in flight, as a client may send requests ahead, would be lost.
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

  /** The client may send such a request again, elsewhere. */
  #giveUpOn(response: ServerResponse | undefined): void {
    if (response?.headersSent || !this.socket.writable) {
      this.socket.destroy();
    } else {
      this.socket.write(REQUEST_TIMEOUT);
      this.socket.destroySoon();
    }
  }
}

/**
 * Whether the application waits for more of a request's body than has come, and it is the turn of this
 * response: what is before it is to be answered first.
 */
function isShortOfBody({ req, socket }: ServerResponse): boolean {
  return (
    socket !== null && !req.complete && req.readableFlowing !== null && req.readableLength === 0
  );
}
