import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A server's close frame with code 1012, "Service Restart": the client may come back at once.
 * https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 and
 * https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
 */
const CLOSE_1012 = Buffer.from([0x88, 0x02, 0x03, 0xf4]);

/** How long clients have for their half of the closing handshake. */
const HANDSHAKE_MILLISECONDS = 1_000;

/**
 * Connections that have left HTTP behind. Nobody waits for them to end, because they do not: their
 * WebSockets are told that the service restarts, before Nest's gateways close them without a word.
 *
 * @internal
 */
export class UpgradedSockets {
  readonly #webSockets = new Set<Socket>();

  /** Calls `onUpgrade` with each socket of `server` that leaves HTTP. */
  attach(server: Server, onUpgrade: (socket: Socket) => void): void {
    const listener = (request: IncomingMessage, socket: Socket): void => {
      onUpgrade(socket);
      if (request.headers.upgrade?.toLowerCase() === 'websocket') {
        this.#webSockets.add(socket);
        socket.once('close', () => this.#webSockets.delete(socket));
      }
    };
    for (const event of ['upgrade', 'connect'] as const) {
      // A listener of ours alone would change what Node does with such a request, so that it comes
      // only with the application's own.
      if (server.listenerCount(event) > 0) {
        server.on(event, listener);
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

  /** Says goodbye to all WebSockets, and gives them a moment to answer. */
  async close(): Promise<void> {
    if (this.#webSockets.size === 0) {
      return;
    }
    await new Promise<void>(resolve => {
      const finish = (): void => {
        clearTimeout(deadline);
        resolve();
      };
      const deadline = setTimeout(finish, HANDSHAKE_MILLISECONDS);
      for (const socket of this.#webSockets) {
        socket.once('close', () => this.#webSockets.size === 0 && finish());
        if (socket.writable) {
          socket.write(CLOSE_1012);
        }
      }
    });
  }
}
