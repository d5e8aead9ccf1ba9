import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2Server, Http2ServerResponse } from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { Connection } from './http-connection.js';
import type { Engine, Gateways } from '../websocket/gateways.js';
import { Http2Sessions } from '../http2/http2-sessions.js';
import { pollingDisconnects } from '../websocket/polling-clients.js';
import { Pacer } from '../pacer.js';
import { withUnfinishedRequests } from './unfinished-requests.js';
import { HANDSHAKE_MILLISECONDS, UpgradedSockets } from '../websocket/upgraded-sockets.js';

/** How often a drain looks for connections that are over. */
const SWEEP_MILLISECONDS = 100;

/** Node's default, for servers whose own keep-alive timeout is switched off. */
const DEFAULT_KEEP_ALIVE = 5_000;

/** How much longer than the keep-alive timeout it takes until we close what Node has not closed. */
const KEEP_ALIVE_MARGIN = 1_000;

/** The part of a drain for which a request may stand still before it has come in whole. */
const STALLED_SHARE = 0.25;

/**
 * The connections of an application's HTTP servers, and how they come to their end: no more are
 * accepted, no idle one is cut while its client may be about to use it, every response says that
 * it is the last, and what is in flight is waited for.
 *
 * @internal
 */
export class HttpConnections {
  /** Those that listen, or have connections. */
  readonly #servers = new Set<Server>();
  readonly #attached = new WeakSet<Server>();
  readonly #engines = new Set<Engine>();
  readonly #connections = new Map<Socket, Connection>();
  readonly #sessions = new Http2Sessions(() => this.#onClosed());
  readonly #upgraded = new UpgradedSockets(() => this.#onClosed());
  #accepted = 0;
  #requests = 0;
  #draining = false;
  /** Whether no further connections are to be accepted. */
  #isClosed = false;
  #onClosed: () => void = () => {};
  #disconnects: Pacer | undefined;

  /** Milliseconds over which clients that would stay for ever are sent away. */
  disconnectWindow = 0;

  /**
   * May be called again: who has the requests of a server to himself is then no longer alone.
   *
   * @param isOfApplication whether it serves an application. A server that somebody opens for something else during
   * the drain, as a shutdown hook may, goes on listening
   */
  attach(server: Server, isOfApplication = true): void {
    // Before the application's own listener: it may have answered by the time it returns. Engine.IO
    // takes all listeners off, and calls them for what is not its own.
    if (!server.listeners('request').includes(this.#begin)) {
      server.prependListener('request', this.#begin);
    }
    this.#servers.add(server);
    if (this.#attached.has(server)) {
      return;
    }
    this.#attached.add(server);
    // Once its last connection has ended.
    server.on('close', () => this.#servers.delete(server));
    server.on('connection', () => this.#accepted++);
    if (isHttp2(server)) {
      this.#sessions.attach(server);
    } else {
      // A TLS server's 'connection' is the raw socket, whose bytes and end are not the client's.
      const opened = server instanceof TlsServer ? 'secureConnection' : 'connection';
      server.on(opened, (socket: Socket) => this.#open(socket));
    }
    this.#upgraded.attach(server, socket => this.#close(socket));
    if (this.#draining) {
      this.#beginNothingAfterClose(server);
    }
    if (this.#isClosed && isOfApplication) {
      this.#stopListening(server);
    }
  }

  attachGateways({ servers, engines }: Gateways): void {
    servers.forEach(server => this.attach(server));
    engines.forEach(engine => this.#engines.add(engine));
  }

  /** How many connections there have been. */
  get accepted(): number {
    return this.#accepted;
  }

  /** How many requests there have been. */
  get requests(): number {
    return this.#requests;
  }

  /**
   * Says on every response from now on that it is the connection's last, and begins to send away those
   * who would stay.
   *
   * @param budget milliseconds until `drain()` cuts what is left
   */
  announceEnd(budget: number): void {
    this.#draining = true;
    this.#servers.forEach(server => this.#beginNothingAfterClose(server));
    const now = monotonicNow();
    this.#connections.forEach(connection => connection.beginDraining(now));
    this.#sessions.announceEnd();
    this.#sendAway(Math.min(this.disconnectWindow, Math.max(0, budget - HANDSHAKE_MILLISECONDS)));
  }

  /** Takes no further connections. Cuts none. */
  stopAccepting(): void {
    this.#isClosed = true;
    this.#servers.forEach(server => this.#stopListening(server));
  }

  #stopListening(server: Server): void {
    // `http.Server.close()` cuts idle keep-alive connections, and a client that is about to use
    // one gets a reset. So does Fastify with its second server, once its first has closed.
    server.closeIdleConnections = () => {};
    const close = (): void => closeWithoutError(server);
    if (server.listening) {
      close();
    } else {
      // It may be about to: a spare that was just promoted, a worker that was just told to open.
      server.once('listening', close);
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
    this.#disconnects?.stop();
    this.#connections.forEach(({ socket }) => socket.destroy());
    this.#sessions.cut();
    this.#upgraded.cut();
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
      const stalled = timeout * STALLED_SHARE;
      const sweep = setInterval(() => this.#sweep(stalled, idleTimeout), SWEEP_MILLISECONDS);
      const deadline = setTimeout(finish, timeout);
      this.#onClosed = () => {
        if (this.#connections.size + this.#sessions.size + this.#upgraded.size === 0) {
          finish();
        }
      };
      this.#onClosed();
    });
  }

  #sweep(stalled: number, idleTimeout?: number): void {
    const now = monotonicNow();
    const unfinished = [...this.#servers].map(withUnfinishedRequests);
    for (const [socket, connection] of this.#connections) {
      connection.closeIfOver(
        now,
        { stalled, idle: idleTimeout ?? keepAlive(socket) },
        unfinished.some(sockets => sockets.has(socket)),
      );
    }
    this.#sessions.endEventStreams();
  }

  #open(socket: Socket): Connection {
    const connection = new Connection(socket);
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#close(socket));
    if (this.#draining) {
      connection.beginDraining(monotonicNow());
    }
    return connection;
  }

  #close(socket: Socket): void {
    this.#connections.delete(socket);
    this.#onClosed();
  }

  readonly #begin = (
    request: IncomingMessage,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    this.#requests++;
    if (isHttp1(response)) {
      // Unknown sockets are those that came before we were attached, or HTTP/1 on an HTTP/2 server.
      const connection = this.#connections.get(request.socket) ?? this.#open(request.socket);
      connection.begin(response);
    } else {
      this.#sessions.begin(response);
    }
  };

  /**
   * Node hands the application requests that a client sent ahead, also after a response that was the
   * connection's last, and throws their answers away. A client does not expect any, and sends such
   * requests again: they must not be carried out twice.
   */
  #beginNothingAfterClose(server: Server): void {
    const emit = server.emit.bind(server) as (event: string, ...args: unknown[]) => boolean;
    server.emit = (event: string, ...args: unknown[]): boolean => {
      const [request] = args as [IncomingMessage?];
      const isTooLate =
        event === 'request' && request && this.#connections.get(request.socket)?.hasSaidClose;
      return isTooLate || emit(event, ...args);
    };
  }

  /** Those who come meanwhile go at the end. */
  #sendAway(window: number): void {
    const late = (leave: () => void): void => this.#disconnects?.takeLast(leave);
    const disconnects = [
      ...this.#upgraded.disconnects(late),
      ...pollingDisconnects([...this.#engines], late),
    ];
    this.#disconnects = new Pacer(disconnects, window);
  }
}

/**
 * An application may close its servers itself, in a shutdown hook. Node would call that an error, because they no
 * longer listen.
 */
function closeWithoutError(server: Server): void {
  NetServer.prototype.close.call(server);
  server.close = (callback?: (error?: Error) => void) => {
    if (callback) {
      process.nextTick(callback);
    }
    return server;
  };
}

function isHttp2(server: object): server is Http2Server {
  return 'updateSettings' in server;
}

function isHttp1(response: ServerResponse | Http2ServerResponse): response is ServerResponse {
  return response.req.httpVersionMajor === 1;
}

function keepAlive(socket: Socket & { server?: Partial<Server> }): number {
  return (socket.server?.keepAliveTimeout || DEFAULT_KEEP_ALIVE) + KEEP_ALIVE_MARGIN;
}
