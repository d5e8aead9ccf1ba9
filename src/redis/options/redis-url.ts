import { either } from '../../validation/config-problem.js';
import { nearestNames } from '../../validation/nearest-names.js';
import { IOREDIS_OPTIONS, kindInUrl } from './ioredis-options.js';
import type { OptionFault } from '../../validation/option-fault.interface.js';

const EXPECTED = 'a URL such as redis://:password@host:6379/0, or rediss:// with TLS';

const ENCODING =
  'A password with one of the characters / ? # @ % has to be percent-encoded: encodeURIComponent(password).';

/** What other URLs may begin with; everything else before a colon may be a user's name. */
const OTHER_SCHEMES = ['http:', 'https:', 'tcp:', 'unix:', 'file:', 'valkey:', 'redis-sentinel:'];

/** How many databases a server can have at most: it counts them in 32 bits. */
const DATABASE = /^\d{1,10}$/;

/**
 * What is wrong with the URL of a Redis server. Told with no part of the URL but its scheme, host and port, and with
 * those only where nothing else can have been taken for them.
 *
 * @internal
 */
export function redisUrlFault(text: string): OptionFault | undefined {
  if (!/^rediss?:\/\/\S+$/.test(text)) {
    return { expected: EXPECTED, received: otherText(text) };
  }
  if (!URL.canParse(text)) {
    return unparsable();
  }
  const url = new URL(text);
  // What comes after a slash, a question mark or a hash in a password is taken for the path, and so on.
  if (`${url.pathname}${url.search}`.includes('@') || url.hash !== '') {
    return unparsable();
  }
  if (!canDecode(url.username) || !canDecode(url.password)) {
    return {
      expected: `${EXPECTED}, with user and password percent-encoded`,
      received: `${shown(url)} with a % that begins no such code`,
    };
  }
  if (url.hostname === '' || url.port === '0') {
    const what = url.hostname === '' ? 'without a host' : 'with port 0';
    return { expected: EXPECTED, received: `a URL ${what}` };
  }
  if (url.pathname !== '' && url.pathname !== '/' && !DATABASE.test(url.pathname.slice(1))) {
    return {
      expected: `${EXPECTED}, whose path is the number of a database`,
      received: `${shown(url)} with another path`,
    };
  }
  return queryFault(url);
}

/** ioredis takes a query for further options, all of them texts. */
function queryFault(url: URL): OptionFault | undefined {
  for (const [name, value] of url.searchParams) {
    const kind = kindInUrl(name);
    if (kind === undefined) {
      const meant = nearestNames(name, IOREDIS_OPTIONS);
      // Other programs that read the same URL have options of their own.
      if (meant.length > 0) {
        const received = `${shown(url)} with an option that is unknown`;
        return { expected: `${EXPECTED}; did you mean ${either(meant)}`, received };
      }
    } else if (kind === 'never') {
      return {
        expected: `${EXPECTED}; ${name} is given in an object instead: { host, port, ${name} }`,
        received: `${shown(url)} with ${name}`,
      };
    } else if (kind === 'number' && !DATABASE.test(value)) {
      return {
        expected: `${EXPECTED}; ${name} is a number`,
        received: `${shown(url)} with ${name}`,
      };
    }
  }
  return undefined;
}

function unparsable(): OptionFault {
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

/** Without user, password, path and query. The host is known to be one where a user or a password stands before it. */
function shown({ protocol, username, password, host }: URL): string {
  return username || password ? `${protocol}//${host}` : 'a URL';
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
