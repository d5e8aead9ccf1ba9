import type { ListeningAddress } from '../../model/host-status.interface.js';

/** The addresses of all interfaces. A socket on `::` accepts IPv4 as well, unless the unit says otherwise. */
const ALL_INTERFACES: ReadonlySet<string | null> = new Set([null, '::', '0.0.0.0']);

/** Whether a socket fits what an application wants to listen on: `near` has the port on another address. @internal */
export type Fit = 'exact' | 'near' | undefined;

/**
 * Compares the address of a socket with the one that an application wants to listen on.
 *
 * An application that listens on all interfaces takes any socket with its port, because the unit decides where. One
 * that asks for a certain address gets no other: it may be an internal server, which must not be reachable from outside.
 *
 * @internal
 */
export function fitOf(socket: ListeningAddress, wanted: ListeningAddress): Fit {
  if (socket.port !== wanted.port || wanted.port === 0) {
    return undefined;
  }
  if (wanted.port === null) {
    return socket.address === wanted.address ? 'exact' : undefined;
  }
  return isSame(socket.address, wanted.address) || ALL_INTERFACES.has(wanted.address)
    ? 'exact'
    : 'near';
}

/**
 * Returns the sockets that fit, the best first: one on all interfaces before others.
 *
 * @internal
 */
export function matchingSockets<Socket extends { readonly address: ListeningAddress }>(
  sockets: readonly Socket[],
  wanted: ListeningAddress,
): readonly Socket[] {
  const rank = ({ address }: Socket): number =>
    isSame(address.address, wanted.address) || ALL_INTERFACES.has(address.address) ? 0 : 1;
  return sockets
    .filter(({ address }) => fitOf(address, wanted) === 'exact')
    .toSorted((one, other) => rank(one) - rank(other));
}

function isSame(one: string | null, other: string | null): boolean {
  return plain(one) === plain(other);
}

/** IPv4 addresses have a second form in IPv6. */
function plain(address: string | null): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? null;
}
