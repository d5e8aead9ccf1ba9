import type { IncomingMessage } from 'node:http';

/** The part of a Fastify application that is used. */
interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (
      request: {
        readonly raw: object;
        readonly is404: boolean;
        readonly routeOptions?: { readonly url?: string | undefined };
      },
      reply: unknown,
      done: () => void,
    ) => void,
  ): unknown;
}

/** A request that Express has routed. */
interface RoutedByExpress {
  readonly route?: { readonly path?: string | RegExp | readonly (string | RegExp)[] };
}

/** The routes of requests, as Fastify knows them. */
const routes = new WeakMap<object, string>();

/** Notes the route of each request of a Fastify application, which must not be ready yet. @internal */
export function noteRoutes(application: FastifyApplication): void {
  application.addHook('onRequest', ({ raw, is404, routeOptions }, _, done) => {
    if (!is404 && routeOptions?.url !== undefined) {
      routes.set(raw, routeOptions.url);
    }
    done();
  });
}

/** Patterns that every path matches, as `*path` is of the handler with which Nest answers 404. */
const EVERYTHING = /^\/?\{?\/?\*\w*\}?$/;

/**
 * Returns the pattern of the route that has handled a request, such as `/cats/:id`; `undefined` if there was none. Never
 * its URL, of which there are too many.
 *
 * @param isNotFound whether the answer was 404
 * @internal
 */
export function routeOf(request: IncomingMessage, isNotFound: boolean): string | undefined {
  const noted = routes.get(request);
  if (noted !== undefined) {
    return noted;
  }
  // Express adds it to the request.
  const { path } = (request as RoutedByExpress).route ?? {};
  const route = path === undefined ? undefined : String(path);
  return route !== undefined && isNotFound && EVERYTHING.test(route) ? undefined : route;
}
