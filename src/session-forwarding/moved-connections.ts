import cluster from 'node:cluster';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import {
  type Closable,
  type ConnectionOwner,
  receiveConnections,
  sendConnection,
} from '../ipc/connection-message.js';

/** Bytes of the body of a request that moves with its connection. */
const MAX_BODY_BYTES = 16 * 1024;

/** Where a connection moves to. @internal */
export type MoveTarget = Pick<ConnectionOwner, 'worker' | 'server'>;

/** The server that takes a connection. @internal */
export interface TakingServer {
  emit(event: 'connection', socket: Socket): unknown;
}

// oxlint-disable no-underscore-dangle -- Node's own names
/** What Node keeps on the socket of an HTTP/1 connection. */
interface HttpSocket extends Socket {
  readonly _handle?: (Closable & { readStop?(): unknown }) | null;
  readonly _httpMessage?: ServerResponse | null;
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/**
 * Moves connections to the workers that own the sessions of their clients, so that further requests and the frames of a
 * WebSocket take no detour. Each connection moves at most once: behind a proxy, it may carry many sessions.
 *
 * @internal
 */
export class MovedConnections {
  readonly #arrived = new WeakSet<Socket>();
  readonly #link = cluster.worker?.process;

  /**
   * @param serverOf returns a server by its name; `undefined` if it takes no connections
   */
  constructor(serverOf: (name: string) => TakingServer | undefined) {
    if (this.#link) {
      receiveConnections(this.#link, (target, handle) => {
        const server = 'server' in target ? serverOf(target.server) : undefined;
        if (server && 'data' in target) {
          this.#take(server, handle, target.data);
        }
        return server !== undefined;
      });
    }
  }

  /**
   * Moves the connection of a request.
   *
   * @returns `false` if it cannot be moved; the request is then still unused
   */
  move(request: IncomingMessage, response: ServerResponse, target: MoveTarget): boolean {
    const { connection, expect, 'content-length': length = '0' } = request.headers;
    if (
      !this.#isMovable(request) ||
      connection?.toLowerCase() === 'close' ||
      expect !== undefined ||
      'transfer-encoding' in request.headers ||
      Number(length) > MAX_BODY_BYTES
    ) {
      return false;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The parser has then returned.
    request.on('end', () =>
      setImmediate(() => {
        const socket: HttpSocket = request.socket;
        if (socket._httpMessage === response && socket.parser?.incoming === request) {
          this.#send(request, Buffer.concat(chunks), target);
        } else {
          // The client has sent another request ahead.
          socket.destroy();
        }
      }),
    );
    return true;
  }

  /**
   * Moves the connection of an upgrade.
   *
   * @returns `false` if it cannot be moved
   */
  moveUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, target: MoveTarget): boolean {
    const isMovable = this.#isMovable(request);
    if (isMovable) {
      // Without a listener, an error would end the process.
      socket.on('error', () => {});
      this.#send(request, head, target);
    }
    return isMovable;
  }

  #isMovable({ httpVersion, socket }: IncomingMessage): boolean {
    return (
      this.#link?.connected === true &&
      httpVersion === '1.1' &&
      // The state of TLS is in this process, and Windows cannot stop a read that has begun.
      !('encrypted' in socket) &&
      process.platform !== 'win32' &&
      !this.#arrived.has(socket)
    );
  }

  #send(request: IncomingMessage, rest: Buffer, target: MoveTarget): void {
    const { method, url, rawHeaders } = request;
    const socket: HttpSocket = request.socket;
    const handle = socket._handle;
    if (!handle || !this.#link) {
      return;
    }
    handle.readStop?.();
    const headers = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}\r\n`] : [],
    );
    const data = `${method} ${url} HTTP/1.1\r\n${headers.join('')}\r\n${rest.toString('latin1')}`;
    // This closes the copy of this process only.
    void sendConnection(this.#link, { ...target, data }, handle).then(() => socket.destroy());
  }

  #take(server: TakingServer, handle: Closable, data: string): void {
    const socket = new Socket({
      handle,
      readable: true,
      writable: true,
      allowHalfOpen: true,
    } as object);
    this.#arrived.add(socket);
    server.emit('connection', socket);
    socket.emit('data', Buffer.from(data, 'latin1'));
  }
}
// oxlint-enable no-underscore-dangle
