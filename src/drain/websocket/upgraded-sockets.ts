import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { repeatAfterReading } from '../../system/time/repeat-after-reading.js';
import { closeWebSocket } from './close-web-socket.js';

/** Milliseconds that a client has to complete the closing handshake. @internal */
export const HANDSHAKE_MILLISECONDS = 1_000;

/**
 * Connections that were upgraded from HTTP. The drain does not wait for their end, because they do not end by
 * themselves: their WebSockets are closed with "Service Restart", before Nest's gateways would close them without a
 * code.
 *
 * @internal
 */
export class UpgradedSockets {
  /** The bytes that each socket had sent before its upgrade. */
  readonly #webSockets = new Map<Socket, number>();
  #onLate: (leave: () => void) => void = () => {};

  /**
   * @param onClosed called whenever a WebSocket has closed
   */
  constructor(private readonly onClosed: () => void) {}

  get size(): number {
    return this.#webSockets.size;
  }

  has(socket: Socket): boolean {
    return this.#webSockets.has(socket);
  }

  /** Calls `onUpgrade` with each upgraded socket of `server`. */
  attach(server: Server, onUpgrade: (socket: Socket) => void): void {
    const listener = (request: IncomingMessage, socket: Socket): void => {
      // First, so that the drain always sees something to wait for.
      if (request.headers.upgrade?.toLowerCase() === 'websocket') {
        this.#open(socket);
      }
      onUpgrade(socket);
    };
    for (const event of ['upgrade', 'connect'] as const) {
      // A listener of ours alone would change how Node handles upgrade requests. So it is added together with the
      // listener of the application, and before it, because that one may answer at once.
      if (server.listenerCount(event) > 0) {
        server.prependListener(event, listener);
      } else {
        const onNewListener = (name: string | symbol): void => {
          if (name === event) {
            server.off('newListener', onNewListener);
            server.on(event, listener);
          }
        };
        server.on('newListener', onNewListener);
      }
    }
  }

  /**
   * Returns a function for each open WebSocket that closes it.
   *
   * @param onLate called with such a function for each WebSocket that opens later
   */
  disconnects(onLate: (leave: () => void) => void): (() => void)[] {
    this.#onLate = onLate;
    return [...this.#webSockets.keys()].map(socket => () => this.#leave(socket));
  }

  /** Destroys the remaining sockets. */
  cut(): void {
    [...this.#webSockets.keys()].forEach(socket => socket.destroy());
  }

  #open(socket: Socket): void {
    this.#webSockets.set(socket, socket.bytesWritten);
    socket.once('close', () => {
      this.#webSockets.delete(socket);
      this.onClosed();
    });
    this.#onLate(() => this.#leave(socket));
  }

  #leave(socket: Socket): void {
    const writtenBefore = this.#webSockets.get(socket);
    if (writtenBefore !== undefined) {
      closeWebSocket(socket, writtenBefore);
      cutUnlessClosed(socket);
    }
  }
}

/**
 * Destroys the socket when the handshake times out. As long as the client reads earlier messages, the time does not
 * start.
 */
function cutUnlessClosed(socket: Socket): void {
  let unsent = socket.writableLength;
  const stop = repeatAfterReading(HANDSHAKE_MILLISECONDS, () => {
    if (socket.writableLength < unsent) {
      unsent = socket.writableLength;
    } else {
      socket.destroy();
    }
  });
  socket.once('close', stop);
}
