import type { ListenOptions } from 'node:net';

/** The method of Nest's HTTP adapters that is used here. */
interface ListeningAdapter {
  listen(...args: unknown[]): unknown;
}

/**
 * Makes an HTTP adapter listen on a socket of its own worker, beside the sockets of the other workers on the same
 * port (`SO_REUSEPORT`).
 *
 * @internal
 */
export function listenWithReusePort(adapter: ListeningAdapter): void {
  const listen = adapter.listen.bind(adapter);
  adapter.listen = (...args: unknown[]) => listen(...withReusePort(args));
}

/**
 * Returns the arguments of `listen()` with the option `reusePort`. Nest passes on the arguments of `app.listen()`:
 * `(port, callback)`, `(port, hostname, callback)` or `(options, callback)`. Unix socket paths are left unchanged.
 *
 * @internal
 */
export function withReusePort(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null) {
    const options: ListenOptions = first;
    return options.path === undefined ? [{ ...options, reusePort: true }, ...rest] : [...args];
  }
  const port = Number(first);
  if (Number.isNaN(port)) {
    return [...args];
  }
  const callback = rest.at(-1);
  const host = typeof rest[0] === 'string' ? rest[0] : undefined;
  return [{ port, ...(host !== undefined && { host }), reusePort: true }, callback];
}
