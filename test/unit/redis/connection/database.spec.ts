import { describe, expect, it } from 'vitest';
import { ClusterConfigError } from '../../../../src/model/errors/cluster-config.error.js';
import { resolveOptions } from '../../../../src/config/resolve-options.js';
import { resolveIoRedis } from '../../../../src/redis/connection/resolve-ioredis.js';

const TARGET = { host: 'a' };

const isMissed = (): void => resolveIoRedis(TARGET, new URL('file:///redis/'));

const cluster = [{ host: 'a', port: 1 }];

describe('the database of the option redis', () => {
  it.each([
    { host: 'a' },
    { host: 'a', db: 0 },
    { host: 'a', db: 15 },
    { cluster },
    { cluster, db: 0 },
    { cluster, redisOptions: { db: 0 } },
  ])('may be as in %j', redis => {
    expect(resolveOptions({ redis, namespace: 'ns' }, {}).redis).toEqual(redis);
  });

  it.each([
    [{ host: 'a', db: -1 }, 'redis.db'],
    [{ host: 'a', db: 1.5 }, 'redis.db'],
    [{ cluster, db: 1 }, 'redis.db'],
    [{ cluster, redisOptions: { db: 2 } }, 'redis.redisOptions.db'],
  ])('cannot be as in %j', (redis, option) => {
    const resolve = (): unknown => resolveOptions({ redis, namespace: 'ns' }, {});
    expect(resolve).toThrow(ClusterConfigError);
    expect(resolve).toThrow(option);
  });
});

describe('ioredis', () => {
  it('is found where it is installed', () => {
    expect(() => resolveIoRedis(TARGET)).not.toThrow();
  });

  it('is missed where it is not', () => {
    expect(isMissed).toThrow(ClusterConfigError);
    expect(isMissed).toThrow('npm install ioredis');
  });
});
