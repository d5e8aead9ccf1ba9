import { hostOf, type RequestFacts } from './request-facts.js';

/** The header of every request of the page that changes something. Forms and simple requests of other sites cannot set it. */
const HEADER = 'x-cluster-dashboard';

/**
 * Whether a page of another site, or of another port, makes this request. The application may allow such pages to read its
 * responses (`enableCors()`), and its cookies may be sent with the request.
 *
 * Current browsers tell it. For others, the origin must be the host of the request.
 *
 * @internal
 */
export function isCrossSite(facts: RequestFacts): boolean {
  const { headers } = facts;
  const site = headers['sec-fetch-site'];
  if (site === undefined) {
    return headers.origin !== undefined && hostOfOrigin(headers.origin) !== hostOf(facts);
  }
  // `none`: the address was typed, or is a bookmark. A link may lead here, because its page cannot read what is answered.
  const isHarmless = isReading(facts) && (site === 'none' || isNavigation(facts));
  return site !== 'same-origin' && !isHarmless;
}

/**
 * Whether the page itself makes this request, and no form or script of another site can.
 *
 * @internal
 */
export function isFromPage(facts: RequestFacts): boolean {
  const { headers } = facts;
  const isJson = /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
  return isJson && headers[HEADER] === '1' && !isCrossSite(facts);
}

/** @internal */
export function isReading({ method }: Pick<RequestFacts, 'method'>): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isNavigation({ headers }: RequestFacts): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

function hostOfOrigin(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    // `null`: a sandboxed page, or a file.
    return undefined;
  }
}
