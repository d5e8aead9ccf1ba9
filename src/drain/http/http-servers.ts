import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Is called with every HTTP server that is about to listen.
 *
 * @param listen begins to listen, at once or later; the callback and 'listening' follow
 * @param args the arguments of `server.listen()`
 * @internal
 */
export type ListenObserver = (server: Server, listen: () => void, args: readonly unknown[]) => void;

let observer: ListenObserver | undefined;
/** Calls of `listen()` that wait for an observer. */
const held: Parameters<ListenObserver>[] = [];
let isWatching = false;
const privateServers = new WeakSet<NetServer>();

/**
 * Excludes a server of this package from the observation: it is not a server of the application.
 *
 * @internal
 */
export function keepPrivate(server: Server): void {
  privateServers.add(server);
}

/**
 * Delays the HTTP servers of this process that are about to listen until `observeHttpServers()` is called.
 *
 * @internal
 */
export function holdHttpServers(): void {
  observeHttpServers((...call) => held.push(call));
}

/**
 * Calls `onListen` whenever `listen()` of an `http`, `https` or `http2` server of this process is called, whether
 * the server was created by Nest, by a library, or by the application.
 *
 * There is no event for such servers before they accept connections, so this function wraps `listen()` of
 * `net.Server`, from which all of them inherit. Connections and requests are not slowed down.
 *
 * @internal
 */
export function observeHttpServers(onListen: ListenObserver): void {
  observer = onListen;
  held.splice(0).forEach(call => onListen(...call));
  if (isWatching) {
    return;
  }
  isWatching = true;
  // oxlint-disable-next-line typescript/unbound-method -- called with the server that it is called on
  const listen = NetServer.prototype.listen as (...args: unknown[]) => NetServer;
  NetServer.prototype.listen = function (this: NetServer, ...args: unknown[]) {
    if (observer && isHttpServer(this) && !privateServers.has(this)) {
      observer(this, () => void listen.apply(this, args), args);
      return this;
    }
    return listen.apply(this, args);
  } as typeof NetServer.prototype.listen;
}

/** Detects `http.Server`, `https.Server`, and both kinds of HTTP/2 servers by their methods. */
function isHttpServer(server: object): server is Server {
  return 'closeIdleConnections' in server || 'updateSettings' in server;
}
