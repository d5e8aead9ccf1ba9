import { hostOf, type RequestFacts } from './request-facts.js';

/** What the application has configured. @internal */
export interface Protection {
  /** Whether the dashboard has guards of its own. A global guard does not count: it may limit rates, or let everybody pass. */
  readonly hasGuards: boolean;
  readonly isProduction: boolean;
}

const LOOPBACK_ADDRESS = /^(::1|(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;

/** What a browser on the same machine was told to open. With any other name, a page of another site may have been rebound. */
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** Headers that proxies, services in front of an application, and tunnels add: the client is then not on this machine. */
const FORWARDING =
  /^(forwarded(-for)?|via|x-(forwarded|original|envoy|appengine|azure|arr|amzn|amz-cf)(-.*)?|x-(real|client|cluster-client|remote)-(ip|addr)|x-(host|proxyuser-ip)|(true|fastly|fly|do|cf)-(client|connecting)-ipv?6?|(cf|x-amz-cf|x-vercel|x-nf|fly|akamai|incap|tailscale)-.+|cdn-loop|(x-)?client-ip|x-originating-ip|x-sucuri-clientip|x-nginx-proxy|x-cloud-trace-context)$/;

/**
 * Whether the dashboard exists for a client. With guards, it does, and they decide. Without guards, it does only outside
 * production, and only for a client on the same machine: its address and the host that it names are loopback, and no proxy
 * has forwarded the request.
 *
 * @internal
 */
export function isVisible({ hasGuards, isProduction }: Protection, facts: RequestFacts): boolean {
  return hasGuards || (!isProduction && isLocal(facts));
}

function isLocal(facts: RequestFacts): boolean {
  const { remoteAddress, httpVersion, headers } = facts;
  return (
    remoteAddress !== undefined &&
    // No browser uses it, but nginx does if it is not told otherwise: then, its `Host` can be localhost for all clients.
    httpVersion !== '1.0' &&
    LOOPBACK_ADDRESS.test(remoteAddress) &&
    LOOPBACK_HOST.test(hostOf(facts) ?? '') &&
    !Object.keys(headers).some(name => FORWARDING.test(name))
  );
}
