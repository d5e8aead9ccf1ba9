import { Socket } from 'node:net';
import type { Closable } from '../ipc/connection-message.js';

// oxlint-disable no-underscore-dangle -- Node's own names
/** The server that takes a connection. @internal */
export interface TakingServer {
  readonly listening: boolean;
  /** What Node counts. It emits 'close' when none is left. */
  _connections?: number;
  emit(event: 'connection', socket: Socket): unknown;
}

/** Returns the socket of a connection that another worker has opened. @internal */
export function socketOf(handle: Closable): Socket {
  return new Socket({ handle, readable: true, writable: true, allowHalfOpen: true } as object);
}

/**
 * Gives a connection to a server, as if the server had accepted it.
 *
 * @param data what was read of it already, as Latin-1
 * @internal
 */
export function giveTo(server: TakingServer, socket: Socket, data: string): void {
  // Otherwise the server would be closed before this connection.
  if (server.listening || server._connections) {
    server._connections = (server._connections ?? 0) + 1;
    (socket as { _server?: TakingServer })._server = server;
  }
  server.emit('connection', socket);
  socket.emit('data', Buffer.from(data, 'latin1'));
}
// oxlint-enable no-underscore-dangle
