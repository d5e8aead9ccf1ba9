import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer, type TLSSocket } from 'node:tls';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { repeatAfterReading } from '../../system/time/repeat-after-reading.js';
import type { ConnectionCounts } from './connection-counts.interface.js';
import { DrainingConnection } from './draining-connection.js';
import type { Engine, Gateways } from '../websocket/gateways.js';
import { Http2Sessions } from '../http2/http2-sessions.js';
import { isHttp1, isHttp2 } from '../http2/is-http2.js';
import { pollingDisconnects } from '../websocket/polling-clients.js';
import { Pacer } from '../pacer.js';
import { type ObserveRequest, RequestWatch } from './request-watch.js';
import { firstInFlight, wasSentAhead } from './responses-in-flight.js';
import { letCloseIdleConnections, stopListening } from './stop-listening.js';
import { TlsHandshakes } from './tls-handshakes.js';
import { withUnfinishedRequests } from './unfinished-requests.js';
import { HANDSHAKE_MILLISECONDS, UpgradedSockets } from '../websocket/upgraded-sockets.js';

/** Milliseconds between two checks for connections that can be closed. */
const SWEEP_MILLISECONDS = 100;

/** Node's default in ms, for servers without their own keep-alive timeout. */
const DEFAULT_KEEP_ALIVE = 5_000;

/** Milliseconds after the keep-alive timeout at which a connection is closed that Node has not closed. */
const KEEP_ALIVE_MARGIN = 1_000;

/** The share of a drain's timeout for which a request may stall before it was received completely. */
const STALLED_SHARE = 0.25;

/**
 * The connections of an application's HTTP servers, and their drain: no further connections are accepted, idle
 * connections stay open as long as a client may be about to use them, every response announces the end of its
 * connection, and in-flight requests are waited for.
 *
 * @internal
 */
export class HttpConnections {
  /** Servers that listen or have connections. */
  readonly #servers = new Set<Server>();
  readonly #attached = new WeakSet<Server>();
  readonly #requestWatch = new RequestWatch();
  readonly #engines = new Set<Engine>();
  readonly #sockets = new Set<Socket>();
  /** The responses to requests that were sent ahead: the last one of each connection. */
  readonly #sentAhead = new WeakMap<Socket, WeakRef<ServerResponse>>();
  /** The connections of all these sockets, once the drain has begun. */
  readonly #connections = new Map<Socket, DrainingConnection>();
  readonly #handshakes = new TlsHandshakes(monotonicNow, () => this.#onClosed());
  readonly #sessions = new Http2Sessions(() => this.#onClosed());
  readonly #upgraded = new UpgradedSockets(() => this.#onClosed());
  /** Other things that must be empty before the drain ends. */
  readonly #others = new Set<{ readonly size: number; readonly messages?: number }>();
  #accepted = 0;
  #observe: ObserveRequest | undefined;
  #draining = false;
  /** Whether no further connections may be accepted. */
  #isClosed = false;
  #onClosed: () => void = () => {};
  #disconnects: Pacer | undefined;

  /** Milliseconds over which the closing of long-lived connections is distributed. */
  disconnectWindow = 0;

  /**
   * Observes a server. May be called again, because other code can replace the listeners of a server.
   *
   * @param isOfApplication whether it serves an application. A server for another purpose that is opened during the
   *   drain, for example by a shutdown hook, continues to listen
   */
  attach(server: Server, isOfApplication = true): void {
    this.#servers.add(server);
    const isAttached = this.#attached.has(server);
    this.#attached.add(server);
    this.#requestWatch.attach(server, (request, response) => {
      if (isOfApplication) {
        this.#observe?.(request, response);
      }
      this.#onRequest(request, response);
    });
    if (isAttached) {
      return;
    }
    // Emitted when its last connection has ended.
    server.on('close', () => this.#servers.delete(server));
    server.on('connection', () => this.#accepted++);
    if (isHttp2(server)) {
      this.#sessions.attach(server);
    }
    if (server instanceof TlsServer) {
      this.#handshakes.attach(server);
      // Its 'connection' is the raw socket, not the one that the requests use. An HTTP/2 server may also take HTTP/1.
      server.on('secureConnection', (socket: TLSSocket) => {
        if (socket.alpnProtocol !== 'h2') {
          this.#open(socket);
        }
      });
    } else if (!isHttp2(server)) {
      server.on('connection', (socket: Socket) => this.#open(socket));
    }
    this.#upgraded.attach(server, socket => this.#close(socket));
    if (this.#draining) {
      this.#beginNothingAfterClose(server);
    }
    if (this.#isClosed && isOfApplication) {
      stopListening(server);
    }
  }

  /** Observes the WebSockets of a server that belongs to this package and not to the application. */
  attachPrivate(server: Server): void {
    this.#upgraded.attach(server, () => {});
  }

  /**
   * Makes the drain wait until `other` is empty, too.
   *
   * @returns a function to call when something was removed from it
   */
  waitFor(other: { readonly size: number; readonly messages?: number }): () => void {
    this.#others.add(other);
    return () => this.#onClosed();
  }

  attachGateways({ servers, engines }: Gateways): void {
    servers.forEach(server => this.attach(server));
    engines.forEach(engine => this.#engines.add(engine));
  }

  /** Has every request of an application observed from now on. */
  observeRequests(observe: ObserveRequest): void {
    this.#observe = observe;
  }

  /** The number of connections so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The number of requests so far. */
  get requests(): number {
    return this.#requestWatch.requests;
  }

  /** Counts what is open at the moment. It looks at every connection, so it is not for every request. */
  count(): ConnectionCounts {
    const counts = { idle: this.#sessions.idle, inFlight: this.#sessions.inFlight };
    let upgraded = 0;
    for (const socket of this.#sockets) {
      if (this.#upgraded.has(socket)) {
        upgraded++;
      } else if (firstInFlight(socket)) {
        counts.inFlight++;
      } else {
        counts.idle++;
      }
    }
    const webSockets = this.#upgraded.size;
    return {
      ...counts,
      open:
        this.#sockets.size - upgraded + webSockets + this.#handshakes.size + this.#sessions.size,
      webSockets,
      messages: [...this.#others].reduce((sum, { messages = 0 }) => sum + messages, 0),
    };
  }

  /**
   * Announces the end of the connection in every response from now on, and begins to close long-lived connections.
   *
   * @param budget milliseconds until `drain()` closes the remaining connections
   */
  announceEnd(budget: number): void {
    this.#draining = true;
    this.#servers.forEach(server => this.#beginNothingAfterClose(server));
    const now = monotonicNow();
    this.#sockets.forEach(socket => this.#beginDraining(socket, now));
    this.#handshakes.beginDraining();
    this.#sessions.announceEnd();
    this.#sendAway(Math.min(this.disconnectWindow, Math.max(0, budget - HANDSHAKE_MILLISECONDS)));
  }

  /** Stops accepting connections. Open connections stay open. */
  stopAccepting(): void {
    this.#isClosed = true;
    this.#servers.forEach(stopListening);
  }

  /**
   * Resolves when all connections are closed. Closes the remaining ones after `timeout` milliseconds, and resolves with
   * what they were.
   *
   * @param idleTimeout milliseconds until an idle connection is closed; by default the keep-alive timeout, for which
   *   its client may keep it for another request
   */
  async drain(timeout: number, idleTimeout?: number): Promise<ConnectionCounts> {
    await this.#closed(timeout, idleTimeout);
    const remaining = this.count();
    this.#disconnects?.stop();
    this.#sockets.forEach(socket => socket.destroy());
    this.#handshakes.cut();
    this.#sessions.cut();
    this.#upgraded.cut();
    this.#servers.forEach(letCloseIdleConnections);
    return remaining;
  }

  #closed(timeout: number, idleTimeout?: number): Promise<void> {
    return new Promise(resolve => {
      const finish = (): void => {
        stopSweeping();
        clearTimeout(deadline);
        this.#onClosed = () => {};
        resolve();
      };
      const stalled = timeout * STALLED_SHARE;
      const stopSweeping = repeatAfterReading(SWEEP_MILLISECONDS, () =>
        this.#sweep(stalled, idleTimeout),
      );
      const deadline = setTimeout(finish, timeout);
      this.#onClosed = () => {
        const all = [
          this.#sockets,
          this.#handshakes,
          this.#sessions,
          this.#upgraded,
          ...this.#others,
        ];
        if (all.every(({ size }) => size === 0)) {
          finish();
        }
      };
      this.#onClosed();
    });
  }

  #sweep(stalled: number, idleTimeout?: number): void {
    const now = monotonicNow();
    const unfinished = [...this.#servers].map(withUnfinishedRequests);
    this.#handshakes.closeSilent();
    for (const [socket, connection] of this.#connections) {
      connection.closeIfOver(
        now,
        { stalled, idle: idleTimeout ?? keepAlive(socket) },
        unfinished.some(sockets => sockets.has(socket)),
      );
    }
    this.#sessions.endEventStreams();
  }

  #open(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#close(socket));
    if (this.#draining) {
      this.#beginDraining(socket, monotonicNow());
    }
  }

  #beginDraining(socket: Socket, now: number): void {
    const lastSentAhead = this.#sentAhead.get(socket)?.deref();
    this.#connections.set(socket, new DrainingConnection(socket, now, lastSentAhead));
  }

  #close(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#connections.delete(socket);
    this.#onClosed();
  }

  readonly #onRequest: ObserveRequest = ({ socket }, response) => {
    if (!isHttp1(response)) {
      this.#sessions.begin(response);
      return;
    }
    if (this.#draining) {
      this.#begin(socket, response);
    } else if (wasSentAhead(socket, response)) {
      this.#sentAhead.set(socket, new WeakRef(response));
    }
  };

  #begin(socket: Socket, response: ServerResponse): void {
    if (!this.#sockets.has(socket)) {
      // It was opened before `attach()`.
      this.#open(socket);
    }
    this.#connections.get(socket)?.begin(response);
  }

  /**
   * Drops requests that a client has sent ahead after a response that announced the end of the connection. Node
   * passes them to the application, and discards the responses. The client expects none and sends these requests
   * again, so handling them here would execute them twice.
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

  /** Closes long-lived connections; those that are opened meanwhile are closed at the end. */
  #sendAway(window: number): void {
    const late = (leave: () => void): void => this.#disconnects?.takeLast(leave);
    const disconnects = [
      ...this.#upgraded.disconnects(late),
      ...pollingDisconnects([...this.#engines], late),
    ];
    this.#disconnects = new Pacer(disconnects, window);
  }
}

function keepAlive(socket: Socket & { server?: Partial<Server> }): number {
  return (socket.server?.keepAliveTimeout || DEFAULT_KEEP_ALIVE) + KEEP_ALIVE_MARGIN;
}
