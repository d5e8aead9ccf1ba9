import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ClusterConfigError, type ClusterModuleOptions } from '../../../src/index.js';
import { resolveOptions } from '../../../src/config/resolve-options.js';
import { ChangingPassword } from '../../../src/redis/connection/changing-password.js';
import { redactError } from '../../../src/redis/connection/redact-error.js';

const SECRET = 's3cret';

class Credentials {
  readonly password = SECRET;
}

/** Values that the option `redis` does not take, each with a password somewhere. */
const WRONG_TEXTS = [
  `redis//:${SECRET}@host`,
  `REDIS://:${SECRET}@host`,
  `Rediss://u:${SECRET}@host:6379/0`,
  `u:${SECRET}@host:6379`,
  `${SECRET}@host`,
  `:${SECRET}@host:6379`,
  `//:${SECRET}@host`,
  `redis:/:${SECRET}@host`,
  `redis:${SECRET}@host`,
  `redis:// :${SECRET}@host`,
  `redis://:${SECRET}/more@host`,
  `redis://:more/${SECRET}@host`,
  `redis://u:12/${SECRET}@host`,
  `redis://u:12/${SECRET}`,
  `redis://${SECRET}/more@host`,
  `redis://:${SECRET}#more@host`,
  `redis://u:12#${SECRET}@host`,
  `redis://u:12?${SECRET}@host`,
  `redis://:${SECRET}?more@host`,
  `redis://:${SECRET}%b@host`,
  `redis://a%b:${SECRET}@host`,
  `redis://:${SECRET}@host:99999`,
  `redis://:${SECRET}@host:0`,
  `redis://:${SECRET}@host:port`,
  `redis://:${SECRET}@`,
  `redis://:${SECRET}@/1`,
  `redis://:${SECRET}@host/abc`,
  `redis://:${SECRET}@host/-1`,
  `redis://:${SECRET}@host/1.5`,
  `redis://:${SECRET}@host/0x1`,
  `redis://:${SECRET}@host/1/2`,
  `redis://:${SECRET}@host?db=${SECRET}`,
  `redis://:${SECRET}@host?pasword=${SECRET}`,
  `redis://:${SECRET}@host?tls=${SECRET}`,
  `redis://:${SECRET}@host?family=${SECRET}`,
  `redis://:${SECRET}@ho st`,
  `http://:${SECRET}@host`,
  `unix://:${SECRET}@/run/redis.sock`,
  SECRET,
];

const WRONG_VALUES: unknown[] = [
  { hots: 'x', password: SECRET },
  { url: `redis://:${SECRET}@host`, password: SECRET },
  { host: 'x', pasword: SECRET },
  { host: 'x', password: { value: SECRET } },
  { host: 'x', password: [SECRET] },
  { host: 'x', password: Buffer.from(SECRET) },
  { host: 'x', password: new Credentials() },
  { host: ['x'], password: SECRET },
  { host: '', password: SECRET },
  { host: 'x', port: 99_999, password: SECRET },
  { host: 'x', port: `${SECRET}@host`, password: SECRET },
  { host: 'x', db: SECRET, password: SECRET },
  { host: 'x', db: -1, password: SECRET },
  { path: 5, password: SECRET },
  { sentinels: [], name: 'master', password: SECRET },
  { sentinels: [{ host: 'x', prot: 1, password: SECRET }], name: 'master' },
  { sentinels: [`redis://:${SECRET}@x`], name: 'master' },
  { sentinels: [{ host: 'x' }], sentinelPassword: [SECRET], name: 'master' },
  { sentinels: [{ host: 'x', port: 1 }], password: SECRET },
  { sentinels: `redis://:${SECRET}@x`, name: 'master' },
  { sentinels: [{ host: 'x', port: 1 }], name: 'master', tls: { key: SECRET }, password: SECRET },
  { cluster: [`rediss://:${SECRET}@x`], password: SECRET },
  { cluster: [{ host: 'x', port: 1 }], username: SECRET },
  { cluster: [{ host: 'x', port: SECRET }], redisOptions: { password: SECRET } },
  { cluster: [{ host: 'x', port: 1 }], redisOptions: { pasword: SECRET } },
  { cluster: [{ host: 'x', port: 1 }], redisOptions: { password: [SECRET] } },
  { cluster: [{ host: 'x', port: 1 }], redisOptions: SECRET },
  { cluster: [`:${SECRET}/more@x:1`] },
  { cluster: { host: 'x', password: SECRET } },
  [`redis://:${SECRET}@host`],
  [{ host: 'x', password: SECRET }],
  new Credentials(),
  new URL(`redis://:${SECRET}@host`),
  new Map([['password', SECRET]]),
  () => SECRET,
  Symbol(SECRET),
];

/** Values of other options, where whoever wrote them was in the wrong line. */
const MISPLACED: unknown[] = [
  { redisPassword: SECRET },
  { password: SECRET },
  { redis_url: `redis://:${SECRET}@host` },
  { namespace: `redis://:${SECRET}@host` },
  { state: `redis://:${SECRET}@host` },
  { state: { url: `redis://:${SECRET}@host` } },
  { logger: { password: SECRET } },
  { events: { password: SECRET } },
  { events: SECRET },
  { events: { workerReady: SECRET } },
  `redis://:${SECRET}@host`,
  { [`redis://:${SECRET}@host`]: '' },
  { redis: { host: 'x', [`${SECRET}@hosst`]: 6379, hots: 'y' } },
  { state: { [`//:${SECRET}`]: 1 } },
];

function everythingIn(error: Error): string {
  const texts: string[] = [];
  let each: Error | undefined = error;
  while (each) {
    const { problems, option, received, expected } = each as Partial<ClusterConfigError>;
    texts.push(
      inspect(each, { depth: 10, showHidden: true, getters: true }),
      String(each),
      JSON.stringify([each, problems, option, received, expected, each.message, each.stack]),
    );
    each = each.cause as Error | undefined;
  }
  return texts.join('\n');
}

function errorOf(options: unknown, env: NodeJS.ProcessEnv): Error {
  try {
    resolveOptions(options as ClusterModuleOptions, env);
  } catch (error) {
    return error as Error;
  }
  throw new Error('No error was thrown.');
}

describe('a configuration error', () => {
  it.each(WRONG_TEXTS)('has no secret of the text %j', text => {
    for (const error of [
      errorOf({ redis: text }, {}),
      errorOf({}, { CLUSTER_REDIS_URL: text }),
      errorOf({ redis: text, worker: 5 }, {}),
    ]) {
      expect(error).toBeInstanceOf(ClusterConfigError);
      expect(everythingIn(error)).not.toMatch(/s3cret|3cre/i);
    }
  });

  it.each(WRONG_VALUES.map((value, index) => [index, value]))(
    'has no secret of the value %i',
    (_, value) => {
      const error = errorOf({ redis: value }, {});
      expect(error).toBeInstanceOf(ClusterConfigError);
      expect(everythingIn(error)).not.toMatch(/s3cret|3cre/i);
    },
  );

  it.each(MISPLACED)('has no secret that was meant for something else: %j', options => {
    const error = errorOf(options, {});
    expect(error).toBeInstanceOf(ClusterConfigError);
    expect(everythingIn(error)).not.toMatch(/s3cret|3cre/i);
  });

  it.each<[unknown, string]>([
    [
      'redis://:a/b@host',
      'Percent-encode a password with one of the characters / ? # @ %: encodeURIComponent(password)',
    ],
    ['redis://:a%b@host', 'redis://host with a % that does not start a code'],
    ['redis://:p@host:6379/abc', 'redis://host:6379 with another path'],
    ['redis://h?conectTimeout=5', 'did you mean `connectTimeout`'],
    ['redis://h?tls=true', 'set tls in an object instead'],
    [{ hots: 'x' }, 'Unknown option `redis.hots`. Did you mean `redis.host`?'],
    [{ host: 'x', pasword: 'y' }, 'Unknown option `redis.pasword`. Did you mean `redis.password`?'],
    [{ host: 'x', port: 99_999 }, 'redis.port must be a port from 1 to 65535, but got a number.'],
    [
      { sentinels: [{ host: 'x', port: 1 }] },
      'redis.name must be the name of the master in the Sentinels',
    ],
    [{ cluster: [{ host: 'x', port: 'y' }] }, 'redis.cluster[0].port must be a port'],
    [
      { cluster: [{ host: 'x', port: 1 }], username: 'u' },
      'redis.username must be `redis.redisOptions.username` with a Redis Cluster',
    ],
    [
      { sentinels: [{ host: 'x', port: 1 }], name: 'master', tls: {} },
      'ioredis would open connections without TLS, in spite of `redis.tls`. Set `redis.enableTLSForSentinelMode: true`.',
    ],
    [{ url: 'x', password: 'y' }, 'but got an object with password.'],
  ])('says of %j what is wrong', (redis, text) => {
    expect(errorOf({ redis }, {}).message).toContain(text);
  });

  it.each([
    'redis://host',
    'redis://host/',
    'redis://host:6379/15',
    'rediss://user:p%40ss@host:6380/0',
    'redis://:p@ss@host',
    'redis://[::1]:6379',
    'redis://host?family=6&connectTimeout=500&connectionName=x',
    'redis://host?ssl_cert_reqs=none',
  ])('is none of the URL %s', redis => {
    expect(resolveOptions({ redis }, {}).redis).toBe(redis);
  });

  it.each<unknown>([
    { host: 'x', port: '6379', db: '1', password: () => 'x', keyPrefix: 'a:' },
    { port: 6379, username: 'u', password: null },
    { path: '/run/redis.sock', tls: true },
    { sentinels: [{ host: 'x', port: 26_379 }, { host: 'y' }], name: 'master' },
    {
      cluster: [{ host: 'x', port: 1 }, 'y:2'],
      redisOptions: { password: 'x' },
      scaleReads: 'all',
    },
    { Connector: Credentials, hots: 'its own option' },
  ])('is none of the options %j', redis => {
    expect(resolveOptions({ redis } as ClusterModuleOptions, {}).redis).toBe(redis);
  });
});

describe('what is said of Redis', () => {
  it.each([
    [() => Promise.reject(new Error(`no vault at https://u:${SECRET}@vault`)), 'Error'],
    [
      () => Promise.reject(Object.assign(new TypeError(SECRET), { code: 'ENOTFOUND' })),
      'ENOTFOUND',
    ],
    [
      () => {
        throw Object.assign(new Error(SECRET), { name: SECRET, code: SECRET });
      },
      'an error',
    ],
    [() => Promise.reject(SECRET as unknown as Error), 'an error'],
    [() => ({ password: SECRET }) as unknown as string, 'an object'],
  ])('has no secret of a password function that fails', async (password, kind) => {
    const warnings: string[] = [];
    const secret = await ChangingPassword.of(password, warning => warnings.push(warning));
    expect(secret.asOption).toEqual({});
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(kind);
    expect(warnings[0]).not.toContain(SECRET);
  });

  it.each([
    [
      `ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' '${SECRET}' `,
      "ERR unknown command 'HELLO'",
    ],
    [
      `ERR unknown command \`AUTH\`, with args beginning with: \`${SECRET}\`, `,
      'ERR unknown command `AUTH`',
    ],
    [
      'WRONGPASS invalid username-password pair or user is disabled.',
      'WRONGPASS invalid username-password pair or user is disabled.',
    ],
    [`connect ENOENT redis://:${SECRET}@host`, 'connect ENOENT redis://***@host'],
  ])('has no arguments of the command that failed: %s', (message, expected) => {
    const error = Object.assign(new Error(message), {
      command: { name: 'auth', args: ['default', SECRET] },
    });
    expect(redactError(error).message).toBe(expected);
    expect(everythingIn(error)).not.toContain(SECRET);
  });
});
