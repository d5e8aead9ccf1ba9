import cluster from 'node:cluster';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  announceReady,
  type Closable,
  hasRoom,
  receiveConnections,
  sendConnection,
} from '../ipc/connection-message.js';
import { noteMoved, uncount } from '../drain/http/moved-responses.js';
import { hasCompleteRequests } from '../drain/http/unfinished-requests.js';
import { firstInFlight, wasSentAhead } from '../drain/http/responses-in-flight.js';
import { headerLines } from './forwarded-headers.js';
import { readMoved, writeMoved } from './moved-request.js';
import { giveTo, socketOf, type TakingServer } from './taking-server.js';

/** Bytes of the body of a request that moves with its connection. */
const MAX_BODY_BYTES = 16 * 1024;

/** Headers of proxies, which use a connection for many clients. One of these could bring them all to its own worker. */
const OF_PROXIES = ['x-forwarded-for', 'forwarded', 'via'] as const;

/** Where a connection moves to. @internal */
export interface MoveTarget {
  readonly worker: number;
  /** The name of the server for which it is. */
  readonly server: string;
}

// oxlint-disable no-underscore-dangle -- Node's own names
/** What Node keeps on the socket of an HTTP/1 connection. */
interface HttpSocket extends Socket {
  readonly _handle?:
    (Closable & { readonly fd?: number; readStart?(): unknown; readStop?(): unknown }) | null;
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
}

/**
 * Moves connections to the workers that own the sessions of their clients, so that further requests and the frames of a
 * WebSocket take no detour. Each connection moves at most once: an unknown proxy may use it for many sessions.
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
        if (target.to !== 'worker') {
          return false;
        }
        const { server: name, data } = readMoved(target.text);
        const server = serverOf(name);
        if (server) {
          const socket = socketOf(handle);
          this.#arrived.add(socket);
          giveTo(server, socket, data);
        }
        return server !== undefined;
      });
      announceReady(this.#link);
    }
  }

  /**
   * Moves the connection of a request.
   *
   * @param onStays called if it turns out later that the connection cannot be moved, with the body of the request
   * @returns `false` if it cannot be moved; the request is then still unused
   */
  move(
    request: IncomingMessage,
    response: ServerResponse,
    target: MoveTarget,
    onStays: (body: Buffer) => void,
  ): boolean {
    const { headers } = request;
    const { connection, expect, 'content-length': length = '0' } = headers;
    const socket: HttpSocket = request.socket;
    if (
      !this.#isMovable(request) ||
      wasSentAhead(socket, response) ||
      connection?.toLowerCase() === 'close' ||
      expect !== undefined ||
      'transfer-encoding' in headers ||
      OF_PROXIES.some(name => name in headers) ||
      Number(length) > MAX_BODY_BYTES
    ) {
      return false;
    }
    const countAgain = uncount(request);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The client is gone before the end of its request.
    request.once('error', countAgain);
    request.on('end', () => {
      request.off('error', countAgain);
      // The parser has then returned.
      setImmediate(() => {
        const body = Buffer.concat(chunks);
        // Node keeps a limited number of headers. The owner would read a body without a length as a request.
        const isWhole = body.length === Number(length);
        const stay = (): void => {
          countAgain();
          // Otherwise the client is gone.
          if (!socket.destroyed) {
            onStays(body);
          }
        };
        if (isWhole && this.#hasRoom && isAlone(socket, request, response)) {
          void this.#send(request, body, target, () => noteMoved(response), stay);
        } else {
          stay();
        }
      });
    });
    return true;
  }

  /**
   * Moves the connection of an upgrade.
   *
   * @param onStays called if it turns out later that the connection cannot be moved
   * @returns `false` if it cannot be moved
   */
  moveUpgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    target: MoveTarget,
    onStays: () => void,
  ): boolean {
    const isMovable = this.#isMovable(request) && !firstInFlight(socket) && isEmpty(socket);
    if (isMovable) {
      // Without a listener, an error would end the process.
      socket.on('error', ignore);
      void this.#send(request, head, target, ignore, () => socket.destroyed || onStays());
    }
    return isMovable;
  }

  /** Whether a connection can be sent without a long wait for what follows. */
  get #hasRoom(): boolean {
    return this.#link !== undefined && hasRoom(this.#link);
  }

  #isMovable({ httpVersion, socket }: IncomingMessage & { readonly socket: HttpSocket }): boolean {
    const { fd = -1 } = socket._handle ?? {};
    return (
      this.#hasRoom &&
      httpVersion === '1.1' &&
      // The state of TLS is in this process, and Windows cannot stop a read that has begun.
      !('encrypted' in socket) &&
      // Any stream can be a connection. Only one of the system can be sent.
      fd >= 0 &&
      process.platform !== 'win32' &&
      !this.#arrived.has(socket)
    );
  }

  /** Sends a connection to the primary. If that fails, this process has the only copy. */
  async #send(
    request: IncomingMessage,
    rest: Buffer,
    { worker, server }: MoveTarget,
    onSent: () => void,
    onStays: () => void,
  ): Promise<void> {
    const { method, url, rawHeaders } = request;
    const socket: HttpSocket = request.socket;
    const handle = socket._handle;
    handle?.readStop?.();
    const head = [`${method} ${url} HTTP/1.1`, ...headerLines(rawHeaders), '', ''].join('\r\n');
    const text = writeMoved({ server, data: `${head}${rest.toString('latin1')}` });
    if (
      handle &&
      this.#link &&
      (await sendConnection(this.#link, { to: 'worker', worker, text }, handle))
    ) {
      onSent();
      // This closes the copy of this process only.
      socket.destroy();
    } else {
      socket._handle?.readStart?.();
      onStays();
    }
  }
}

/** Whether a connection has nothing but one request that was read completely: no part of a further one, and no answer. */
function isAlone(socket: HttpSocket, request: IncomingMessage, response: ServerResponse): boolean {
  return (
    !socket.destroyed &&
    !wasSentAhead(socket, response) &&
    socket.parser?.incoming === request &&
    hasCompleteRequests(socket) &&
    isEmpty(socket)
  );
}

function ignore(): void {}

/** Whether nothing waits to be read or written. */
function isEmpty({ readableLength, writableLength }: Socket): boolean {
  return readableLength === 0 && writableLength === 0;
}
// oxlint-enable no-underscore-dangle
