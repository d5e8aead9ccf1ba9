import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { perform } from '../../src/state/objects/perform.js';
import type { Operation } from '../../src/state/operation.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisServer } from '../support/redis/redis-server.js';

const LEASE = 60_000;

let server: RedisServer;
let member: RedisMember;

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => RedisServer.stopAll());

beforeEach(async () => {
  member = await RedisMember.of(server.url, { namespace: randomUUID() });
  expect(await member.available()).toBeUndefined();
});
afterEach(() => member.close());

const run = (operation: Operation): Promise<unknown> => perform(member.state, 'a value', operation);

const acquire = (owner: string, wait = 0): Operation => ({
  name: 'lockAcquire',
  key: 'l',
  owner,
  lease: LEASE,
  wait,
});

const hit: Operation = { name: 'hit', key: 'h', count: 1, limit: 5, window: LEASE };

describe('a key of the package that contains a foreign value', () => {
  it.each([
    ['without a lease, as before', '1764314000000000 client.1'],
    ['without an owner', '5 60000'],
    ['that is no number', 'nan 60000 client.1'],
    ['that is anything', '{"token":1}'],
  ])('is no free lock, and the error says so: %s', async (_, text) => {
    const key = member.keys.of('lock', 'l');
    expect(await run(acquire('a.1'))).toHaveProperty('token');
    expect(await run(acquire('b.1', LEASE))).toHaveProperty('heldFor');
    await server.command('SET', key, text);
    await expect(run(acquire('b.1', LEASE))).rejects.toMatchObject({
      code: 'CLUSTER_STATE_UNAVAILABLE',
      message: expect.stringContaining('is not a lock of this version'),
    });
    expect(await run({ name: 'lockRenew', key: 'l', owner: 'a.1', lease: LEASE })).toBe(false);
    expect(await run({ name: 'lockRelease', key: 'l', owner: 'a.1' })).toBe(false);
    expect(await server.command('GET', key)).toBe(text);
    await server.command('DEL', key);
    expect(await run(acquire('b.1'))).toHaveProperty('token');
  });

  it.each(['nan', 'inf', '0x10', ''])(
    'is no fencing token, and no lock is granted with it: %j',
    async text => {
      await server.command('SET', member.keys.ofPartition('lock-token', 'l'), text);
      await expect(run(acquire('a.1'))).rejects.toMatchObject({
        code: 'CLUSTER_STATE_UNAVAILABLE',
        message: expect.stringContaining('is not a token of this version'),
      });
    },
  );

  it.each(['nan', 'x', `nan${' '.repeat(31)}`, '00000000015', '1e9       '])(
    'is no rate limit, and counts nothing: %j',
    async text => {
      await server.command('SET', member.keys.of('hits', 'h'), text);
      await expect(run(hit)).rejects.toMatchObject({
        code: 'CLUSTER_STATE_UNAVAILABLE',
        message: expect.stringContaining('is not a rate limit of this version'),
      });
    },
  );

  it.each(['nan', 'soon', '1e999'])('is no time to live: %j', async text => {
    await run({ name: 'set', key: 'k', value: '1', ttl: LEASE });
    await server.command('SET', member.keys.of('life', 'k'), text);
    expect(await run({ name: 'get', key: 'k' })).toBe('1');
    const left = Number(await server.command('PTTL', member.keys.data('k')));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(LEASE);
  });
});
