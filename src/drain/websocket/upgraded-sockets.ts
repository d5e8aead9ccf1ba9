import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { closeWebSocket } from './close-web-socket.js';

/** How long a client has for its half of the closing handshake. @internal */
export const HANDSHAKE_MILLISECONDS = 1_000;

/**
 * Connections that have left HTTP behind. Nobody waits for them to end, because they do not: their
 * WebSockets are told that the service restarts, before Nest's gateways close them without a word.
 *
 * @internal
 */
export class UpgradedSockets {
  /** With how much each had sent before it was upgraded. */
  readonly #webSockets = new Map<Socket, number>();
  #onLate: (leave: () => void) => void = () => {};

  /** @param onClosed called whenever a WebSocket has closed */
  constructor(private readonly onClosed: () => void) {}

  get size(): number {
    return this.#webSockets.size;
  }

  /** Calls `onUpgrade` with each socket of `server` that leaves HTTP. */
  attach(server: Server, onUpgrade: (socket: Socket) => void): void {
    const listener = (request: IncomingMessage, socket: Socket): void => {
      // First, so that at no time a drain seems to have nothing to wait for.
      if (request.headers.upgrade?.toLowerCase() === 'websocket') {
        this.#open(socket);
      }
      onUpgrade(socket);
    };
    for (const event of ['upgrade', 'connect'] as const) {
      // A listener of ours alone would change what Node does with such a request, so that it comes
      // only with the application's own, and before it, which may answer at once.
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
   * What closes each of the WebSockets that there are.
   *
   * @param onLate called with what closes one, for each that still comes
   */
  disconnects(onLate: (leave: () => void) => void): (() => void)[] {
    this.#onLate = onLate;
    return [...this.#webSockets.keys()].map(socket => () => this.#leave(socket));
  }

  /** Cuts those that are left. */
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

/** A client that still reads what was said before the close frame has its time to answer after that. */
function cutUnlessClosed(socket: Socket): void {
  let unsent = socket.writableLength;
  const watch = setInterval(() => {
    if (socket.writableLength < unsent) {
      unsent = socket.writableLength;
    } else {
      socket.destroy();
    }
  }, HANDSHAKE_MILLISECONDS);
  socket.once('close', () => clearInterval(watch));
}
