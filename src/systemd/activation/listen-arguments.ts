import { isIP } from 'node:net';
import type { ListeningAddress } from '../../model/host-status.interface.js';

interface ListenOptions {
  readonly port?: unknown;
  readonly host?: unknown;
  readonly path?: unknown;
}

/** The addresses of a name that needs no lookup. */
const LOOPBACK = ['127.0.0.1', '::1'];

/**
 * Returns the addresses of which a server wants to listen on one, from the arguments of `server.listen()`. Returns none for
 * other names of hosts, which would have to be looked up, and if the system chooses the port.
 *
 * @internal
 */
export function wantedAddresses(args: readonly unknown[]): readonly ListeningAddress[] {
  const [first, second] = args;
  const { port, host, path } = optionsOf(first, second);
  if (typeof path === 'string') {
    return [{ address: path, port: null }];
  }
  const number = typeof port === 'number' || typeof port === 'string' ? Number(port) : 0;
  if (!Number.isInteger(number) || number <= 0) {
    return [];
  }
  return addressesOf(host).map(address => ({ address, port: number }));
}

function optionsOf(first: unknown, second: unknown): ListenOptions {
  if (typeof first === 'object' && first !== null) {
    return first;
  }
  const isPath = typeof first === 'string' && !/^\d+$/.test(first);
  return isPath ? { path: first } : { port: first, host: second };
}

function addressesOf(host: unknown): readonly (string | null)[] {
  if (typeof host !== 'string' || host === '') {
    return [null];
  }
  if (host === 'localhost') {
    return LOOPBACK;
  }
  return isIP(host) === 0 ? [] : [host];
}
