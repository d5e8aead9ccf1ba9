import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';
import { checkOptions } from '../../../src/health/checks/check-options.js';
import type { ClusterHealthModuleOptions } from '../../../src/health/index.js';
import { ClusterConfigError, type ClusterModuleOptions } from '../../../src/index.js';
import { IOREDIS_OPTIONS } from '../../../src/redis/options/ioredis-options.js';
import { redisUrlFault } from '../../../src/redis/options/redis-url.js';
import {
  OPTION_NAMES,
  OPTION_VARIABLES,
  resolveOptions,
} from '../../../src/config/resolve-options.js';

const SECRET = 'Zq7secretZq7';

/** Whatever JavaScript has, with names that every object has, too. */
const anything = fc.oneof(
  fc.anything({
    key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'constructor')),
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withTypedArray: true,
  }),
  fc.constantFrom('true', '1.10', '-0', '1e3', '0x10', '512mb', '80%', 'auto', 'toString', NaN),
);

const nameOfOption = fc.constantFrom(...OPTION_NAMES.map(name => name.split('.').at(-1)!));

const name = fc.oneof(
  { weight: 4, arbitrary: nameOfOption },
  { weight: 1, arbitrary: fc.string() },
);

const options = fc.oneof(
  { weight: 8, arbitrary: fc.dictionary(name, fc.oneof(anything, fc.dictionary(name, anything))) },
  { weight: 1, arbitrary: anything },
);

/** Resolves what can be; of everything else, the error. */
function errorOf(resolve: () => unknown): ClusterConfigError | undefined {
  try {
    resolve();
    return undefined;
  } catch (error) {
    if (!(error instanceof ClusterConfigError)) {
      throw error;
    }
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) {
      expect(error.message).toContain(problem.message);
      // oxlint-disable-next-line no-control-regex -- what must not be there
      expect(problem.message).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(problem.message.length).toBeLessThan(1_500);
    }
    return error;
  }
}

function readByIoredis(url: string): Redis['options'] {
  const client = new Redis(url, { lazyConnect: true });
  client.disconnect();
  return client.options;
}

// oxlint-disable-next-line typescript/unbound-method -- it is put back as it was
const { prepareStackTrace } = Error;

// The test runner looks up the source of each frame, which takes longer than all else here.
beforeAll(() => {
  Error.prepareStackTrace = () => '';
});
afterAll(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

describe('whatever the options are', () => {
  it('they are resolved, or refused with a ClusterConfigError', () => {
    fc.assert(
      fc.property(options, given => {
        errorOf(() => resolveOptions(given as ClusterModuleOptions, {}, () => undefined));
      }),
      { numRuns: 100 },
    );
  });

  it('the variables are resolved, or refused with a ClusterConfigError', () => {
    const text = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.constantFrom('__proto__', '1mb'),
    );
    const env = fc.dictionary(fc.constantFrom(...OPTION_VARIABLES), text, { maxKeys: 40 });
    fc.assert(
      fc.property(env, given => {
        errorOf(() => resolveOptions({}, given, () => undefined));
      }),
      { numRuns: 100 },
    );
  });

  it('those of ClusterHealthModule are accepted, or refused with a ClusterConfigError', () => {
    const health = fc.constantFrom('path', 'thresholds', 'indicators', 'details', 'decorators');
    const threshold = fc.constantFrom(
      'ready',
      'memory',
      'restarts',
      'toString',
      'degraded',
      'down',
    );
    const value = fc.oneof(
      anything,
      fc.dictionary(threshold, fc.oneof(anything, fc.dictionary(threshold, anything))),
    );
    const given = fc.oneof(anything, fc.dictionary(fc.oneof(health, fc.string()), value));
    fc.assert(
      fc.property(given, each => {
        errorOf(() => checkOptions(each as ClusterHealthModuleOptions));
      }),
      { numRuns: 100 },
    );
  });
});

describe('whatever redis is', () => {
  const secret = fc.constantFrom(SECRET, `redis://:${SECRET}@host`, `a/${SECRET}`, [SECRET]);
  const option = fc.oneof(fc.constantFrom(...IOREDIS_OPTIONS), fc.string({ maxLength: 8 }));
  const leaf = fc.oneof(secret, anything);
  const nested = fc.dictionary(option, fc.oneof(leaf, fc.array(fc.dictionary(option, leaf))));
  const piece = fc.oneof(
    fc.constantFrom('redis://', 'rediss://', 'REDIS://', ':', '@', '/', '#', '?', '%', 'host', '&'),
    fc.constantFrom('db=1', 'tls=', '0', '16', ':6379', '[::1]', ' ', '..', '-'),
    fc.string({ maxLength: 3 }),
  );
  const pieces = fc.array(piece, { maxLength: 8 }).map(all => all.join(''));
  const url = fc
    .tuple(fc.constantFrom('redis://', 'rediss://', ''), pieces)
    .map(([scheme, rest]) => scheme + rest);
  const secretUrl = fc
    .tuple(url, pieces, pieces)
    .map(([start, end, tail]) => `${start}${SECRET}${end}@host${tail.replaceAll('@', '')}`);

  it('its errors have no secret', () => {
    fc.assert(
      fc.property(fc.oneof(nested, secretUrl, leaf), redis => {
        const error = errorOf(() => resolveOptions({ redis } as ClusterModuleOptions, {}));
        const texts = inspect(error, { depth: 10, showHidden: true, getters: true });
        expect(texts + JSON.stringify(error?.problems)).not.toContain('secret');
      }),
      { numRuns: 100 },
    );
  });

  it('ioredis takes a URL that is accepted for what it says', () => {
    const accepted = fc
      .tuple(
        fc.constantFrom('redis', 'rediss'),
        fc.option(fc.tuple(fc.string(), fc.string()), { nil: undefined }),
        fc.constantFrom('host', '127.0.0.1', '[::1]', 'a-b.example'),
        fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
        fc.option(fc.nat(), { nil: undefined }),
      )
      .map(([scheme, user, host, port, db]) => ({ scheme, user, host, port, db }));
    fc.assert(
      fc.property(accepted, ({ scheme, user, host, port, db }) => {
        const [login, password] = user?.map(encodeURIComponent) ?? [];
        const text = `${scheme}://${user ? `${login}:${password}@` : ''}${host}${port ? `:${port}` : ''}${db === undefined ? '' : `/${db}`}`;
        expect(redisUrlFault(text)).toBeUndefined();
        const read = readByIoredis(text);
        expect(read.host).toBe(host.replaceAll(/[[\]]/g, ''));
        expect(read.port).toBe(port ?? 6_379);
        expect(read.db).toBe(db ?? 0);
        expect(Boolean(read.tls)).toBe(scheme === 'rediss');
        if (user?.some(Boolean)) {
          expect([read.username, read.password]).toEqual(user);
        }
      }),
    );
  });

  it('a URL that is accepted leads to a server, a port and a database', () => {
    fc.assert(
      fc.property(url, text => {
        if (redisUrlFault(text) === undefined) {
          const read = readByIoredis(text);
          expect(read.host).toMatch(/./);
          expect(read.port).toBeGreaterThan(0);
          expect(read.db).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
