import { describe, expect, it } from 'vitest';
import * as ioredis6 from 'ioredis';
import * as ioredis5 from 'ioredis-5';
import * as ioredis5Latest from 'ioredis-5-latest';
import type { ClusterModuleOptions } from '../../../../src/config/cluster-options.interface.js';
import {
  isCluster,
  isRedisClient,
} from '../../../../src/redis/connection/redis-client.interface.js';

type Target = NonNullable<ClusterModuleOptions['redis']>;

const address = { host: 'a', port: 1, keepAlive: 1_000 };
const nodes = [{ host: 'a', port: 1 }];
const lazy = { lazyConnect: true };

/** Variables of these types, as a configuration file exports them. */
const options5: ioredis5.RedisOptions = address;
const options5Latest: ioredis5Latest.RedisOptions = address;
const options6: ioredis6.RedisOptions = address;

/** The compiler checks that each of them is one. */
const TARGETS: Readonly<Record<string, { clients: readonly Target[]; options: Target }>> = {
  '5.3': {
    clients: [new ioredis5.Redis(lazy), new ioredis5.Cluster(nodes, lazy)],
    options: options5,
  },
  '5': {
    clients: [new ioredis5Latest.Redis(lazy), new ioredis5Latest.Cluster(nodes, lazy)],
    options: options5Latest,
  },
  '6': {
    clients: [new ioredis6.Redis(lazy), new ioredis6.Cluster(nodes, lazy)],
    options: options6,
  },
};

// @ts-expect-error a number is no host
({ host: 1 }) satisfies Target;
class OtherClient {
  readonly isOpen = true;
}
// @ts-expect-error a client of another library is neither a client nor options of ioredis
new OtherClient() satisfies Target;

describe.each(Object.keys(TARGETS))('the option redis with ioredis %s', version => {
  const { clients, options } = TARGETS[version]!;

  it('takes clients', () => {
    expect(clients.filter(isRedisClient).map(isCluster)).toEqual([false, true]);
  });

  it('takes options', () => {
    expect(isRedisClient(options)).toBe(false);
  });
});
