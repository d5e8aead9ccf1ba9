import { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Returns the connections of a server on which a request has begun but was not received completely, including those
 * that have never sent anything. Without Node's list of connections, such a connection looks idle.
 *
 * @internal
 */
export function withUnfinishedRequests(server: Server): Set<Socket> {
  return new Set(
    connectionsOf(server)
      ?.active?.()
      .map(({ socket }) => socket),
  );
}

/**
 * Returns whether all that was read of a connection are complete requests; `false` without Node's list of connections.
 *
 * @internal
 */
export function hasCompleteRequests(socket: Socket & { readonly server?: unknown }): boolean {
  const { server } = socket;
  const unfinished = server instanceof Server ? connectionsOf(server)?.active?.() : undefined;
  return unfinished?.every(parser => parser.socket !== socket) ?? false;
}

/**
 * Node keeps a list under a symbol (`kConnections`, https://github.com/nodejs/node/blob/main/lib/_http_server.js), which
 * `closeIdleConnections()` uses.
 */
function connectionsOf(server: Server): Partial<ConnectionsList> | undefined {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  return symbol && (server as unknown as Record<symbol, Partial<ConnectionsList>>)[symbol];
}

/** The part of Node's `ConnectionsList` that is used here: its parsers, with their sockets. */
interface ConnectionsList {
  active(): { readonly socket: Socket }[];
}
