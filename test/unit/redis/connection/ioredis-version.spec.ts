import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClusterConfigError } from '../../../../src/model/errors/cluster-config.error.js';
import { assertIoRedisVersion } from '../../../../src/redis/connection/ioredis-version.js';
import type { RedisNode } from '../../../../src/redis/connection/redis-client.interface.js';
import { redisFaults } from '../../../../src/redis/options/redis-faults.js';
import type { RedisTarget } from '../../../../src/redis/options/redis-target.js';

const require = createRequire(import.meta.url);

const TARGETS: readonly RedisTarget[] = ['redis://a', { host: 'a' }, { host: 'a', protocol: 2 }];

const cluster = [{ host: 'a', port: 1 }];

/** The error, with what an application may read of it. */
function fault(version: string, target: RedisTarget): ClusterConfigError {
  try {
    assertIoRedisVersion(version, target);
  } catch (error) {
    return error as ClusterConfigError;
  }
  throw new Error('There is none.');
}

describe('ioredis', () => {
  it.each(['5.3.0', '5.11.1', '6.0.0', '6.1.0-beta.1', '7.0.0'])('may be %s', version => {
    TARGETS.forEach(target => expect(() => assertIoRedisVersion(version, target)).not.toThrow());
  });

  it.each(['4.31.0', '5.2.6', '5.0.0-beta.4'])('cannot be %s', version => {
    const error = fault(version, 'redis://a');
    expect(error).toBeInstanceOf(ClusterConfigError);
    expect(error.message).toBe(
      `The option "redis" needs ioredis 5.3 or later, and ioredis ${version} is installed. Update it: npm install ioredis@6`,
    );
  });

  it.each([
    ['redis.protocol', { host: 'a', protocol: 3 }],
    ['redis.redisOptions.protocol', { cluster, redisOptions: { protocol: 3 } }],
  ])('5 does not have what %s asks for', (option, target) => {
    const error = fault('5.11.1', target);
    expect([error.option, error.message]).toEqual([
      option,
      `The option "${option}" asks for RESP3, which ioredis 5.11.1 does not have. Remove the option, or update ioredis: npm install ioredis@6`,
    ]);
    expect(() => assertIoRedisVersion('6.0.0', target)).not.toThrow();
  });

  describe.each(['ioredis-5', 'ioredis-5-latest', 'ioredis'])('a client of %s', name => {
    const { Cluster, Command, Redis } = require(name) as typeof import('ioredis');
    const lazy = { lazyConnect: true };
    const clients = [
      new Redis(lazy),
      new Redis({ ...lazy, enableAutoPipelining: true }),
      new Cluster([{ host: 'a', port: 1 }], lazy),
    ] as unknown as RedisNode[];

    afterEach(() => {
      vi.restoreAllMocks();
    });

    it('is accepted, and not touched', () => {
      expect(clients.map(redisFaults)).toEqual([[], [], []]);
      expect(clients.map(({ status }) => status)).toEqual(['wait', 'wait', 'wait']);
    });

    it('is refused if its version has no sharded subscriptions', () => {
      const flags = Command as unknown as { checkFlag: (flag: string, name: string) => boolean };
      const { checkFlag } = flags;
      vi.spyOn(flags, 'checkFlag').mockImplementation(function (this: typeof flags, flag, word) {
        return checkFlag.call(this, flag, word) && word !== 'ssubscribe';
      });
      clients.forEach(client =>
        expect(redisFaults(client)).toEqual([
          {
            expected: 'a client of ioredis 5.3 or later',
            received: 'a client of an older version',
            hint: 'Update it: npm install ioredis@6',
          },
        ]),
      );
    });
  });

  it('is not judged by a client for tests that looks like one', () => {
    const client = {
      status: 'ready',
      evalsha: () => {},
      duplicate: () => {},
      on: () => {},
      ping: () => Promise.resolve('PONG'),
    };
    expect(redisFaults(client)).toEqual([]);
  });

  it.each(['ioredis-5', 'ioredis-5-latest', 'ioredis'])(
    'in %s finds the keys of the commands that are sent by name',
    name => {
      const { Command } = require(name) as typeof import('ioredis');
      for (const command of ['del', 'get', 'set', 'spublish']) {
        expect(new Command(command, ['key', 'value']).getKeys()[0]).toBe('key');
      }
    },
  );

  it('is tested at both ends of the peer range', () => {
    const { peerDependencies } = require('../../../../package.json') as {
      readonly peerDependencies: Readonly<Record<string, string>>;
    };
    expect(peerDependencies['ioredis']).toBe('^5.3.0 || ^6.0.0');
    for (const [name, version] of [
      ['ioredis-5', '5.3.0'],
      ['ioredis-5-latest', '5.'],
      ['ioredis', '6.'],
    ]) {
      const manifest = require(`${name}/package.json`) as { readonly version: string };
      expect(manifest.version).toContain(version);
    }
  });
});
