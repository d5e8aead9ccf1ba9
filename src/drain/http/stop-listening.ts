import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/**
 * Stops a server from accepting connections, and leaves the open ones open. A server that does not listen yet stops as
 * soon as it does.
 *
 * `http.Server.close()` also closes idle keep-alive connections, and a client that is about to use one gets a reset. It
 * also stops watching for requests that stall. `net.Server.close()` only stops accepting. Nothing else closes idle
 * connections until {@link letCloseIdleConnections}.
 *
 * @internal
 */
export function stopListening(server: Server): void {
  // Fastify calls it on its second server when its first has closed.
  server.closeIdleConnections = () => {};
  if (server.listening) {
    closeWithoutError(server);
  } else {
    // It may be about to listen: a spare that was just promoted, or a worker that was just told to open.
    server.once('listening', () => closeWithoutError(server));
  }
}

/** Lets a server close idle connections again. @internal */
export function letCloseIdleConnections(server: Server): void {
  Reflect.deleteProperty(server, 'closeIdleConnections');
}

/**
 * Closes a server. If the application closes it in a shutdown hook as well, Node would report an error, because it
 * no longer listens.
 */
function closeWithoutError(server: Server): void {
  // In single mode on Bun, `http.Server` does not extend it.
  const isNetServer: boolean = server instanceof NetServer;
  (isNetServer ? NetServer.prototype : server).close.call(server);
  server.close = (callback?: (error?: Error) => void) => {
    if (callback) {
      process.nextTick(callback);
    }
    return server;
  };
}
