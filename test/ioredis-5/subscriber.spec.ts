import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/redis/connection/connect-redis.js';
import { RedisLink } from '../../src/redis/redis-link.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisServer } from '../support/redis/redis-server.js';

const DEADLINE = 30_000;

const log = (): void => {};

const links: RedisLink[] = [];

afterEach(async () => {
  await Promise.all(links.splice(0).map(link => link.close()));
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

describe('ioredis 5', () => {
  it('is what these tests run on', () => {
    const { version } = createRequire(import.meta.url)('ioredis/package.json') as {
      readonly version: string;
    };
    expect(version).toMatch(/^5\./);
  });

  it('has one connection for commands and one for subscriptions, which come back when they are cut', async () => {
    const server = await RedisServer.start();
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
    const connection = await connectRedis(proxy.url, log);
    const link = new RedisLink(connection, randomUUID(), { log, warn: log });
    links.push(link);
    const heard: string[] = [];
    const resumed: (readonly string[])[] = [];
    link.subscriber.onResumed(names => resumed.push(names));
    expect(await link.subscriber.subscribe('news', message => void heard.push(message))).toBe(true);
    await link.availability.settled(DEADLINE);
    for (const message of ['one', 'two']) {
      expect(await link.publish('news', message)).toBe(1);
      await eventually(
        () => heard.at(-1) === message && proxy.connections === 2,
        DEADLINE,
        () => JSON.stringify({ heard, connections: proxy.connections }),
      );
      if (message === 'one') {
        proxy.cutAll();
        await eventually(
          () => resumed.length === 1 && link.availability.unavailableSince === undefined,
          DEADLINE,
          () => 'The subscription is not back.',
        );
      }
    }
    expect(resumed).toEqual([['news']]);
  });
});
