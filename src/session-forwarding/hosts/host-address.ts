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

/** What `address()` of a server returns. @internal */
export type ListeningOn = AddressInfo | string | null;

/** Why other hosts cannot reach a server. @internal */
export interface Unreachable {
  readonly listening: ListeningOn;
  /** The addresses of this machine, if the server listens on all of them and the right one is not clear. */
  readonly addresses?: readonly string[] | undefined;
}

/**
 * Returns where other hosts reach a server, or why they cannot.
 *
 * @param given what the application says
 * @param own returns the addresses of this machine. Called if the server listens on all of them
 * @internal
 */
export function placeOf(
  listening: ListeningOn,
  isSecure: boolean,
  given: GivenAddress | undefined,
  own: () => readonly string[],
): HostPlace | Unreachable {
  const { address, port } = typeof listening === 'object' ? (listening ?? NOWHERE) : NOWHERE;
  const addresses = !given && (address === '::' || address === '0.0.0.0') ? own() : undefined;
  const isUnclear = addresses !== undefined && addresses.length !== 1;
  const host = given?.host ?? addresses?.[0] ?? address;
  const reached = given?.port ?? port;
  if (isUnclear || !host || !reached || (!given && /^(::1$|127\.)/.test(host))) {
    return { listening, addresses: isUnclear ? addresses : undefined };
  }
  return { host, port: reached, secure: given?.secure ?? isSecure };
}
