import type { Http2Server, Http2ServerResponse, Http2Session } from 'node:http2';
import { endEventStream } from '../http/event-stream.js';

/** Milliseconds after which a session that begins during the drain is closed if it sends no request. */
const SILENT_MILLISECONDS = 1_000;

/**
 * The HTTP/2 sessions of a server. `close()` sends GOAWAY with the number of the last stream that Node has seen.
 * Streams up to that number are answered; the client knows that later ones were not handled, and may send them again
 * elsewhere.
 *
 * @internal
 */
export class Http2Sessions {
  readonly #sessions = new Set<Http2Session>();
  readonly #inFlight = new Set<Http2ServerResponse>();
  #draining = false;

  /**
   * @param onClosed called whenever a session has closed
   */
  constructor(private readonly onClosed: () => void) {}

  get size(): number {
    return this.#sessions.size;
  }

  /** The number of requests without a complete response. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The number of sessions without such a request. */
  get idle(): number {
    const busy = new Set([...this.#inFlight].map(({ stream }) => stream?.session));
    return [...this.#sessions].filter(session => !busy.has(session)).length;
  }

  attach(server: Http2Server): void {
    server.on('session', (session: Http2Session) => this.#open(session));
  }

  /** Notes a request. */
  begin(response: Http2ServerResponse): void {
    this.#inFlight.add(response);
    response.once('close', () => this.#inFlight.delete(response));
  }

  announceEnd(): void {
    this.#draining = true;
    this.#sessions.forEach(session => session.close());
    this.endEventStreams();
  }

  endEventStreams(): void {
    this.#inFlight.forEach(endEventStream);
  }

  /** Destroys the remaining sessions. */
  cut(): void {
    this.#sessions.forEach(session => session.destroy());
  }

  #open(session: Http2Session): void {
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
      this.onClosed();
    });
    if (this.#draining) {
      // It was accepted before the end was announced, so it may send one request.
      session.once('stream', () => session.close());
      session.setTimeout(SILENT_MILLISECONDS, () => session.close());
    }
  }
}
