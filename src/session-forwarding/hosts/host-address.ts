import { isIPv6, type AddressInfo } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** Where a server of a host can be reached. @internal */
export interface HostPlace {
  readonly host: string;
  readonly port: number;
  /** Whether it is HTTPS. */
  readonly secure: boolean;
}

/** What an application says about its address. @internal */
export type GivenAddress = Pick<HostPlace, 'host'> & Partial<HostPlace>;

/** The address of a server that has none, or a Unix socket. */
const NOWHERE = { address: undefined, port: undefined };

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/**
 * Reads an address: a name or an IP address, with or without a port and `http://` or `https://`.
 *
 * @returns `undefined` if it is none
 * @internal
 */
export function parseAddress(text: string): GivenAddress | undefined {
  const hasScheme = /^https?:\/\//i.test(text);
  const href = hasScheme ? text : `any://${isIPv6(text) ? `[${text}]` : text}`;
  // Without user, path, query and fragment.
  if (!/^\w+:\/\/[^\s/?#@]+\/?$/.test(href) || !URL.canParse(href)) {
    return undefined;
  }
  const { hostname, protocol, port: given } = new URL(href);
  const port = given ? Number(given) : DEFAULT_PORTS[protocol];
  return port === 0
    ? undefined
    : {
        host: hostname.replace(/^\[|\]$/g, ''),
        ...(port && { port }),
        ...(hasScheme && { secure: protocol === 'https:' }),
      };
}

/** Returns the text of a place. @internal */
export function placeText({ host, port, secure }: HostPlace): string {
  return `${secure ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * Returns the IPv4 addresses of a machine at which others may reach it.
 *
 * @internal
 */
export function outerAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly string[] {
  return Object.values(interfaces)
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

/**
 * Returns where other hosts reach a server.
 *
 * @param listening what `address()` of the server returns
 * @param given what the application says
 * @param own the address of this machine, if the server listens on all of them
 * @returns `undefined` if they cannot reach it
 * @internal
 */
export function placeOf(
  listening: AddressInfo | string | null,
  isSecure: boolean,
  given: GivenAddress | undefined,
  own: string | undefined,
): HostPlace | undefined {
  const { address, port } = typeof listening === 'object' ? (listening ?? NOWHERE) : NOWHERE;
  const host = given?.host ?? (address === '::' || address === '0.0.0.0' ? own : address);
  const reached = given?.port ?? port;
  return !host || !reached || (!given && /^(::1$|127\.)/.test(host))
    ? undefined
    : { host, port: reached, secure: given?.secure ?? isSecure };
}
