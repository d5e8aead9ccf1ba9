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

const ADDRESS =
  /^(?:(?<scheme>https?):\/\/)?(?<host>\[[\da-f:.]+\]|[^\s/:@?#[\]]+)(?::(?<port>\d{1,5}))?\/?$/i;

const MAX_PORT = 65_535;

const DEFAULT_PORTS = { http: 80, https: 443 };

/**
 * Reads an address: a name or an IP address, with or without a port and `http://` or `https://`.
 *
 * @returns `undefined` if it is none
 * @internal
 */
export function parseAddress(text: string): GivenAddress | undefined {
  if (isIPv6(text)) {
    return { host: text };
  }
  const found = ADDRESS.exec(text)?.groups;
  if (!found) {
    return undefined;
  }
  const scheme = found['scheme']?.toLowerCase() as 'http' | 'https' | undefined;
  const port = found['port'] ? Number(found['port']) : scheme && DEFAULT_PORTS[scheme];
  const host = found['host']!.replace(/^\[|\]$/g, '');
  const isBracketed = host !== found['host'];
  if ((isBracketed && !isIPv6(host)) || port === 0 || (port ?? 0) > MAX_PORT) {
    return undefined;
  }
  return { host, ...(port && { port }), ...(scheme && { secure: scheme === 'https' }) };
}

/** Returns the text of a place. @internal */
export function placeText({ host, port, secure }: HostPlace): string {
  return `${secure ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/**
 * Returns the addresses of a machine at which others may reach it: those of IPv4 or, if it has none, of IPv6.
 *
 * @internal
 */
export function outerAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly string[] {
  const outer = Object.values(interfaces)
    .flatMap(addresses => addresses ?? [])
    .filter(({ internal, address }) => !internal && !isLinkLocal(address));
  const ofFamily = (wanted: string): string[] =>
    outer.filter(({ family }) => family === wanted).map(({ address }) => address);
  const four = ofFamily('IPv4');
  return four.length > 0 ? four : ofFamily('IPv6');
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
  const { address, port } =
    typeof listening === 'object' && listening !== null
      ? listening
      : { address: undefined, port: undefined };
  const reached = given?.port ?? port;
  const host = given?.host ?? (isAny(address) ? own : address);
  return host === undefined || reached === undefined || (!given && isLoopback(host))
    ? undefined
    : { host, port: reached, secure: given?.secure ?? isSecure };
}

function isAny(address: string | undefined): boolean {
  return address === '::' || address === '0.0.0.0';
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

function isLinkLocal(address: string): boolean {
  return /^(169\.254\.|fe[89ab])/i.test(address);
}
