import type { Http2Server, Http2ServerResponse, Http2Session } from 'node:http2';
import { endEventStream } from '../http/event-stream.js';

/** A session that begins during the drain, and asks nothing, ends after this. */
const SILENT_MILLISECONDS = 1_000;

/**
 * The HTTP/2 sessions of a server. Node has one way to say goodbye to them (`close()`): GOAWAY with the
 * number of the last stream that it has seen. Those are answered; any others the client knows to be
 * unheard, and may ask again elsewhere.
 *
 * @internal
 */
export class Http2Sessions {
  readonly #sessions = new Set<Http2Session>();
  readonly #inFlight = new Set<Http2ServerResponse>();
  #draining = false;

  /** @param onClosed called whenever a session has closed */
  constructor(private readonly onClosed: () => void) {}

  get size(): number {
    return this.#sessions.size;
  }

  attach(server: Http2Server): void {
    server.on('session', (session: Http2Session) => this.#open(session));
  }

  /** A request arrived. */
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

  /** Cuts those that are left. */
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
      // Accepted before the end was announced: it may ask once.
      session.once('stream', () => session.close());
      session.setTimeout(SILENT_MILLISECONDS, () => session.close());
    }
  }
}
