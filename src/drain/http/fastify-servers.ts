import type { Server } from 'node:http';

/**
 * Returns all servers of an HTTP adapter. Fastify listens on every address of `localhost`, with a separate server
 * for each but the first. It keeps them under a symbol (`kServerBindings`,
 * https://github.com/fastify/fastify/blob/main/lib/symbols.js). Without that symbol, only the first server is
 * returned.
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
