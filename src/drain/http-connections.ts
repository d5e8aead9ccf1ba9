import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Server, Http2Session } from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { announceClose, Connection } from './connection.js';
import { UpgradedSockets } from './upgraded-sockets.js';

/** How often a drain looks for connections that are over. */
const SWEEP_MILLISECONDS = 100;

/** Node's default, for servers whose own keep-alive timeout is switched off. */
const DEFAULT_KEEP_ALIVE = 5_000;

/** An HTTP/2 session that begins during the drain, and asks nothing, ends after this. */
const SILENT_SESSION_MILLISECONDS = 1_000;

/** How much longer than the keep-alive timeout it takes until we close what Node has not closed. */
const KEEP_ALIVE_MARGIN = 1_000;

/**
 * The connections of an application's HTTP servers, and how they come to their end: no more are
 * accepted, no idle one is cut while its client may be about to use it, every response says that
 * it is the last, and what is in flight is waited for.
 *
 * @internal
 */
export class HttpConnections {
  readonly #servers = new Set<Server>();
  readonly #connections = new Map<Socket, Connection>();
  readonly #sessions = new Set<Http2Session>();
  readonly #upgraded = new UpgradedSockets();
  #accepted = 0;
  #requests = 0;
  #draining = false;
  #onClosed: () => void = () => {};

  attach(server: Server): void {
    if (this.#servers.has(server)) {
      return;
    }
    this.#servers.add(server);
    server.on('connection', () => this.#accepted++);
    if (isHttp2(server)) {
      server.on('session', (session: Http2Session) => this.#openSession(session));
    } else {
      // A TLS server's 'connection' is the raw socket, whose bytes and end are not the client's.
      const opened = server instanceof TlsServer ? 'secureConnection' : 'connection';
      server.on(opened, (socket: Socket) => this.#open(socket));
    }
    // Before the application's own listener: it may have answered by the time it returns.
    server.prependListener('request', (request, response) => this.#begin(request, response));
    this.#upgraded.attach(server, socket => this.#close(socket));
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many requests there have been. */
  get requests(): number {
    return this.#requests;
  }

  /** Says on every response from now on that it is the connection's last. */
  announceEnd(): void {
    this.#draining = true;
    const now = Date.now();
    this.#connections.forEach(connection => connection.beginDraining(now));
    this.#sessions.forEach(session => session.close());
  }

  /** Takes no further connections. Cuts none. */
  stopAccepting(): void {
    for (const server of this.#servers) {
      // `http.Server.close()` cuts idle keep-alive connections, and a client that is about to use
      // one gets a reset. So does Fastify with its second server, once its first has closed.
      server.closeIdleConnections = () => {};
      if (server.listening) {
        NetServer.prototype.close.call(server);
      }
    }
  }

  /**
   * Resolves when all connections are closed; cuts those that are left after `timeout` milliseconds.
   *
   * @param idleTimeout milliseconds until an idle connection is closed, by default as long as its
   * client may keep it for the next request: the keep-alive timeout
   */
  async drain(timeout: number, idleTimeout?: number): Promise<void> {
    await this.#closed(timeout, idleTimeout);
    this.#connections.forEach(({ socket }) => socket.destroy());
    this.#sessions.forEach(session => session.destroy());
    await this.#upgraded.close();
    for (const server of this.#servers) {
      Reflect.deleteProperty(server, 'closeIdleConnections');
    }
  }

  #closed(timeout: number, idleTimeout?: number): Promise<void> {
    return new Promise(resolve => {
      const finish = (): void => {
        clearInterval(sweep);
        clearTimeout(deadline);
        this.#onClosed = () => {};
        resolve();
      };
      const sweep = setInterval(() => this.#sweep(idleTimeout), SWEEP_MILLISECONDS);
      const deadline = setTimeout(finish, timeout);
      this.#onClosed = () => {
        if (this.#connections.size + this.#sessions.size === 0) {
          finish();
        }
      };
      this.#onClosed();
    });
  }

  #sweep(idleTimeout?: number): void {
    const now = Date.now();
    for (const [socket, connection] of this.#connections) {
      if (connection.isOver(now, idleTimeout ?? keepAlive(socket))) {
        socket.destroy();
      }
    }
  }

  #open(socket: Socket): Connection {
    const connection = new Connection(socket);
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#close(socket));
    if (this.#draining) {
      connection.beginDraining(Date.now());
    }
    return connection;
  }

  #close(socket: Socket): void {
    this.#connections.delete(socket);
    this.#onClosed();
  }

  #openSession(session: Http2Session): void {
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
      this.#onClosed();
    });
    if (this.#draining) {
      // Accepted before the end was announced: it may ask once.
      session.once('stream', () => session.close());
      session.setTimeout(SILENT_SESSION_MILLISECONDS, () => session.close());
    }
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    this.#requests++;
    if (request.httpVersionMajor !== 1) {
      return;
    }
    // Unknown sockets are those that came before we were attached, or HTTP/1 on an HTTP/2 server.
    const connection = this.#connections.get(request.socket) ?? this.#open(request.socket);
    connection.begin(response);
    if (this.#draining) {
      announceClose(response);
    }
  }
}

function isHttp2(server: object): server is Http2Server {
  return 'updateSettings' in server;
}

function keepAlive(socket: Socket & { server?: Partial<Server> }): number {
  return (socket.server?.keepAliveTimeout || DEFAULT_KEEP_ALIVE) + KEEP_ALIVE_MARGIN;
}
