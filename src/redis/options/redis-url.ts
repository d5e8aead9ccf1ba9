import { either } from '../../validation/config-problem.js';
import { nearestNames } from '../../validation/nearest-names.js';
import { IOREDIS_OPTIONS, kindInUrl } from './ioredis-options.js';
import type { Fault } from '../../validation/fault.interface.js';

const EXPECTED = 'a URL such as redis://:password@host:6379/0, or rediss:// with TLS';

const ENCODING =
  'Percent-encode a password with one of the characters / ? # @ %: encodeURIComponent(password).';

/** Schemes that an error message may show. Anything else before a colon may be a user name. */
const OTHER_SCHEMES = ['http:', 'https:', 'tcp:', 'unix:', 'file:', 'valkey:', 'redis-sentinel:'];

/** A database number, which is a 32-bit integer. */
const DATABASE = /^\d{1,10}$/;

/**
 * Returns the fault of a Redis URL. It contains at most the scheme, host and port of the URL, and these only where a
 * password cannot have been misread as one of them.
 *
 * @internal
 */
export function redisUrlFault(text: string): Fault | undefined {
  if (!/^rediss?:\/\/\S+$/.test(text)) {
    return { expected: EXPECTED, received: otherText(text) };
  }
  if (!URL.canParse(text)) {
    return unparsable();
  }
  const url = new URL(text);
  // A slash, question mark or hash in a password starts the path, query or fragment.
  if (`${url.pathname}${url.search}`.includes('@') || url.hash !== '') {
    return unparsable();
  }
  if (!canDecode(url.username) || !canDecode(url.password)) {
    return {
      expected: `${EXPECTED}, with user and password percent-encoded`,
      received: `${shown(url)} with a % that does not start a code`,
    };
  }
  if (url.hostname === '' || url.port === '0') {
    const what = url.hostname === '' ? 'without a host' : 'with port 0';
    return { expected: EXPECTED, received: `a URL ${what}` };
  }
  if (url.pathname !== '' && url.pathname !== '/' && !DATABASE.test(url.pathname.slice(1))) {
    return {
      expected: `${EXPECTED}, whose path is a database number`,
      received: `${shown(url)} with another path`,
    };
  }
  return queryFault(url);
}

/** ioredis reads the query as further options, all of them strings. */
function queryFault(url: URL): Fault | undefined {
  for (const [name, value] of url.searchParams) {
    const kind = kindInUrl(name);
    if (kind === undefined) {
      const meant = nearestNames(name, IOREDIS_OPTIONS);
      // Unknown names are allowed unless they look like a typing error, because other programs may read the same URL.
      if (meant.length > 0) {
        const received = `${shown(url)} with an unknown option`;
        return { expected: `${EXPECTED}; did you mean ${either(meant)}`, received };
      }
    } else if (kind === 'never') {
      return {
        expected: `${EXPECTED}; set ${name} in an object instead: { host, port, ${name} }`,
        received: `${shown(url)} with ${name}`,
      };
    } else if (kind === 'number' && !DATABASE.test(value)) {
      return {
        expected: `${EXPECTED}; ${name} must be a number`,
        received: `${shown(url)} with ${name}`,
      };
    }
  }
  return undefined;
}

function unparsable(): Fault {
  return {
    expected: EXPECTED,
    received: 'a string that is not a URL',
    hint: ENCODING,
  };
}

function otherText(text: string): string {
  const scheme = OTHER_SCHEMES.find(each => text.startsWith(`${each}//`));
  return scheme ? `a URL that begins with ${scheme}//` : 'a string that is not a URL';
}

/**
 * Returns scheme, host and port. If the URL has no user or password, the host could be a password, so it is not
 * shown.
 */
function shown({ protocol, username, password, host }: URL): string {
  return username || password ? `${protocol}//${host}` : 'a URL';
}

function canDecode(text: string): boolean {
  try {
    // Its result is used: bundlers remove a call whose result is not.
    return typeof decodeURIComponent(text) === 'string';
  } catch {
    return false;
  }
}
