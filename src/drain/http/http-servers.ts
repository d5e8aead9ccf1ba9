import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Told of every HTTP server that is about to listen.
 *
 * @param listen begins to listen, at once or later; its callback and 'listening' come after that
 * @param args what the server was told
 * @internal
 */
export type ListenObserver = (server: Server, listen: () => void, args: readonly unknown[]) => void;

let observer: ListenObserver | undefined;
let isWatching = false;

/**
 * Calls `onListen` whenever a server of `http`, `https` or `http2` of this process is told to listen, whoever made it:
 * Nest, a library for metrics, or the application itself.
 *
 * Nothing tells of such servers before they take connections, so that `listen()` of `net.Server` is wrapped, which
 * all of them inherit. It costs nothing for connections and requests.
 *
 * @internal
 */
export function observeHttpServers(onListen: ListenObserver): void {
  observer = onListen;
  if (isWatching) {
    return;
  }
  isWatching = true;
  // oxlint-disable-next-line typescript/unbound-method -- called with the server that it is called on
  const listen = NetServer.prototype.listen as (...args: unknown[]) => NetServer;
  NetServer.prototype.listen = function (this: NetServer, ...args: unknown[]) {
    if (observer && isHttpServer(this)) {
      observer(this, () => void listen.apply(this, args), args);
      return this;
    }
    return listen.apply(this, args);
  } as typeof NetServer.prototype.listen;
}

/** What `http.Server` and `https.Server` have in common, and what both kinds of HTTP/2 servers have. */
function isHttpServer(server: object): server is Server {
  return 'closeIdleConnections' in server || 'updateSettings' in server;
}
