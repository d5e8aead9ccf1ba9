import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { SILENT_MILLISECONDS } from './quiet-limits.js';

/**
 * The connections of TLS servers whose handshake is not complete. Node reports the socket of a connection only after
 * that, so a drain would not wait for clients that are about to send their first request.
 *
 * @internal
 */
export class TlsHandshakes {
  /** The raw sockets, and since when each is waited for. */
  readonly #sockets = new Map<Socket, number>();

  /**
   * @param onClosed called whenever a connection has closed during its handshake
   */
  constructor(
    private readonly now: () => number,
    private readonly onClosed: () => void,
  ) {}

  get size(): number {
    return this.#sockets.size;
  }

  attach(server: Server): void {
    // The socket of TLS has the same remote end as the raw socket, and no documented reference to it.
    const byClient = new Map<string, Socket>();
    server.on('connection', (socket: Socket) => {
      const client = clientOf(socket);
      if (client === undefined) {
        return;
      }
      byClient.set(client, socket);
      this.#sockets.set(socket, this.now());
      socket.once('close', () => {
        if (byClient.get(client) === socket) {
          byClient.delete(client);
        }
        if (this.#sockets.delete(socket)) {
          this.onClosed();
        }
      });
    });
    server.on('secureConnection', secure => {
      const client = clientOf(secure) ?? '';
      const socket = byClient.get(client);
      byClient.delete(client);
      if (socket) {
        this.#sockets.delete(socket);
      }
    });
  }

  beginDraining(): void {
    const now = this.now();
    this.#sockets.forEach((_, socket) => this.#sockets.set(socket, now));
  }

  /** Closes the connections that have been silent for too long. */
  closeSilent(): void {
    const now = this.now();
    for (const [socket, since] of this.#sockets) {
      if (now - since >= SILENT_MILLISECONDS) {
        socket.destroy();
      }
    }
  }

  /** Closes all of them. */
  cut(): void {
    this.#sockets.forEach((_, socket) => socket.destroy());
  }
}

/** Returns the remote end of a socket; `undefined` for a Unix socket, which has none. */
function clientOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}
