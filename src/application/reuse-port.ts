import type { EventEmitter } from 'node:events';
import type { ListenOptions } from 'node:net';
import type { PortAddress } from '../ipc/supervision.protocol.js';
import type { Host } from '../runtime/host.interface.js';

/** The methods of Nest's HTTP adapters that are used here. */
interface ListeningAdapter {
  listen(...args: unknown[]): unknown;
  getHttpServer(): EventEmitter;
}

/**
 * Makes an HTTP adapter listen on a socket of its own worker, beside the sockets of the other workers on the same
 * port (`SO_REUSEPORT`). If another host listens on the port, the server emits the error of a port in use.
 *
 * @internal
 */
export function listenWithReusePort(
  adapter: ListeningAdapter,
  host: Pick<Host, 'claimPort'>,
): void {
  const listen = adapter.listen.bind(adapter);
  const listenOn = async (address: PortAddress, args: readonly unknown[]): Promise<void> => {
    if (!(await host.claimPort(address))) {
      throw addressInUse(address);
    }
    listen(...args);
  };
  adapter.listen = (...args: unknown[]) => {
    const changed = withReusePort(args);
    const claimed = claimedAddress(changed[0]);
    if (!claimed) {
      return listen(...changed);
    }
    listenOn(claimed, changed).catch((error: unknown) =>
      adapter.getHttpServer().emit('error', error),
    );
    return undefined;
  };
}

/** Returns the address that other hosts may have, too. With port 0, each worker has a different port. */
function claimedAddress(options: unknown): PortAddress | undefined {
  // The types of Node 20 do not have `reusePort`.
  const { port, host, ipv6Only, reusePort } = (options ?? {}) as ListenOptions & {
    readonly reusePort?: boolean;
  };
  const number = Number(port);
  return reusePort && Number.isInteger(number) && number > 0 && number < 65_536
    ? { address: host || null, port: number, ipv6Only: ipv6Only === true }
    : undefined;
}

/** Returns the error that Node emits for a port in use. */
function addressInUse({ address, port }: PortAddress): Error {
  const place = `${address ?? '::'}:${port}`;
  return Object.assign(new Error(`listen EADDRINUSE: address already in use ${place}`), {
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: address ?? '::',
    port,
  });
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
