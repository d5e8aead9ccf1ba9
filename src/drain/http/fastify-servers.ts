import type { Server } from 'node:http';

/**
 * All servers of an HTTP adapter. Fastify listens on every address that `localhost` has, with a
 * server of its own for each but the first; it knows them only under a symbol
 * (`kServerBindings`, https://github.com/fastify/fastify/blob/main/lib/symbols.js). Where that is not
 * found, its first server is all there is.
 *
 * @internal
 */
export function serversOf(adapter: { getHttpServer(): Server; getInstance(): object }): Server[] {
  const instance = adapter.getInstance();
  const bindings = Object.getOwnPropertySymbols(instance).find(
    symbol => symbol.description === 'fastify.serverBindings',
  );
  const others = bindings && (instance as Record<symbol, unknown>)[bindings];
  return [adapter.getHttpServer(), ...(Array.isArray(others) ? (others as Server[]) : [])];
}
