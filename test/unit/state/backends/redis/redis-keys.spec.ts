import { expect, it } from 'vitest';
import type { RedisLink } from '../../../../../src/redis/redis-link.js';
import { RedisKeys } from '../../../../../src/state/backends/redis/redis-keys.js';

const keysOn = (isCluster: boolean): RedisKeys =>
  RedisKeys.on({ keyPrefix: 'mine:', isCluster, database: 0 } as RedisLink, 'shop');

// ioredis prefixes keys, and the sharded channels of a cluster.
it.each([
  { isCluster: true, argument: 'mine:', subscription: '' },
  { isCluster: false, argument: '', subscription: 'mine:' },
])('names channels for publishers and subscribers alike: %j', ({ isCluster, ...prefix }) => {
  const keys = keysOn(isCluster);
  expect(keys.topicChannelArg('t')).toBe(`${prefix.argument}${keys.topicChannel('t')}`);
  expect(keys.subscribedKey('members')).toBe(`${prefix.subscription}members`);
});
