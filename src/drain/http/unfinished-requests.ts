import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The connections of a server on which a request has begun and has not come in whole, be it that the
 * rest of its head is missing; among them those that have never sent anything. Node keeps a list of
 * them, by which `closeIdleConnections()` knows whom to spare, under a symbol (`kConnections`,
 * https://github.com/nodejs/node/blob/main/lib/_http_server.js). Where that is not found, such a
 * connection looks idle.
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

/** What of Node's `ConnectionsList` is used here: its parsers, with the sockets they read. */
interface ConnectionsList {
  active(): { readonly socket: Socket }[];
}
