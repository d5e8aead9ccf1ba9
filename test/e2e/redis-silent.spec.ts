import { afterEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisServer } from '../support/redis/redis-server.js';

const DEADLINE = 20_000;

const members: RedisMember[] = [];

afterEach(async () => {
  await Promise.all(members.splice(0).map(member => member.close()));
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

async function memberOf(redis: RedisTarget): Promise<RedisMember> {
  const member = await RedisMember.of(redis, { namespace: 'tickets' });
  members.push(member);
  return member;
}

async function startProxy(): Promise<FaultProxy> {
  const { port } = await RedisServer.start();
  return FaultProxy.start({ host: '127.0.0.1', port });
}

async function untilAvailable({ link, logged }: RedisMember): Promise<void> {
  await eventually(
    () => link.availability.unavailableSince === undefined,
    DEADLINE,
    () => logged.join('\n'),
  );
}

describe('a connection that is accepted but not answered', () => {
  it('is replaced, and the outage is logged', async () => {
    const proxy = await startProxy();
    proxy.ignoreNext();
    const member = await memberOf(proxy.url);
    await untilAvailable(member);
    expect(proxy.accepted).toBe(2);
    expect(member.logged).toEqual([
      expect.stringContaining('Redis is unreachable (it does not answer)'),
      'Redis is available again.',
    ]);
  });

  it('is replaced after an outage', async () => {
    const proxy = await startProxy();
    const member = await memberOf(proxy.url);
    await untilAvailable(member);
    proxy.ignoreNext();
    proxy.cutAll();
    await eventually(
      () => proxy.accepted === 3,
      DEADLINE,
      () => `${proxy.accepted} connections`,
    );
    await untilAvailable(member);
  });

  it('is reported if a client of the application opened it', async () => {
    const proxy = await startProxy();
    proxy.ignoreNext();
    const own = new Redis(proxy.url, { disconnectTimeout: 100 });
    const member = await memberOf(own);
    expect(await member.available()).toBe('the connection is not ready');
    expect(own.status).toBe('connect');
    own.disconnect();
  });
});

it('keeps the connection to a server with a round trip of half a second', async () => {
  const proxy = await startProxy();
  proxy.latency(250);
  const member = await memberOf(proxy.url);
  await untilAvailable(member);
  expect([proxy.accepted, member.logged]).toEqual([1, []]);
});
