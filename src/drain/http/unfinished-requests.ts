import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Returns the connections of a server on which a request has begun but was not received completely, including those
 * that have never sent anything. Node keeps a list of them under a symbol (`kConnections`,
 * https://github.com/nodejs/node/blob/main/lib/_http_server.js), which `closeIdleConnections()` uses. Without that
 * symbol, such a connection looks idle.
 *
 * @internal
 */
export function withUnfinishedRequests(server: Server): Set<Socket> {
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list = symbol && (server as unknown as Record<symbol, Partial<ConnectionsList>>)[symbol];
  return new Set(list?.active?.().map(({ socket }) => socket));
}

/** The part of Node's `ConnectionsList` that is used here: its parsers, with their sockets. */
interface ConnectionsList {
  active(): { readonly socket: Socket }[];
}
