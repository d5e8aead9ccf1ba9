import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisTarget } from '../../src/redis/options/redis-target.js';
import { perform } from '../../src/state/objects/perform.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisMember } from '../support/redis-member.js';
import { RedisServer } from '../support/redis/redis-server.js';

const DEADLINE = 15_000;

/** The deadline of each call, in milliseconds. */
const TIMEOUT = 10_000;

let server: RedisServer;
let proxy: FaultProxy;
let namespace: string;
let members: RedisMember[];

beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => RedisServer.stopAll());

beforeEach(async () => {
  namespace = randomUUID();
  members = [];
  proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
});
afterEach(async () => {
  await Promise.all(members.map(member => member.close()));
  await FaultProxy.stopAll();
});

async function open(target: RedisTarget): Promise<RedisMember> {
  const member = await RedisMember.of(target, { namespace, timeout: TIMEOUT });
  members.push(member);
  return member;
}

/** A member that handles the events of the topic "news" in a group, and answers requests. */
async function handler(): Promise<{ readonly events: unknown[] }> {
  const member = await open(server.url);
  await member.available();
  await member.bus.join();
  const events: unknown[] = [];
  const settings = { name: 'test', handle: (event: unknown) => void events.push(event) };
  await member.bus.subscribe('news', settings, { concurrency: 1, group: 'g' });
  await member.bus.answer('size', { name: 'test', answer: () => 7 });
  return { events };
}

const ROUNDS = [...Array.from({ length: 10 }).keys()];

describe.each([2, 3] as const)('a member that calls while it connects, by RESP%i', protocol => {
  it.each([
    { kind: 'plain', options: {} },
    { kind: 'durable', options: { durable: true } },
  ])('sends its first $kind events to the members of groups, in order', async ({ options }) => {
    const { events } = await handler();
    for (const n of ROUNDS) {
      const member = await open({ host: '127.0.0.1', port: server.port, protocol });
      const first = member.bus.publish('news', `"${n} first"`, options);
      await Promise.all([first, member.bus.publish('news', `"${n} second"`, options)]);
    }
    const expected = ROUNDS.flatMap(n => [`${n} first`, `${n} second`]);
    await eventually(
      () => events.length >= expected.length,
      DEADLINE,
      () => JSON.stringify(events),
    );
    expect(events).toEqual(expected);
  });

  it('lists keys, and finds out what an operation has done', async () => {
    const before = await open(server.url);
    await perform(before.state, 'a value', { name: 'set', key: 'k', value: '1' });
    const connecting = (): Promise<RedisMember> =>
      open({ host: '127.0.0.1', port: server.port, protocol });
    const { state } = await connecting();
    expect(await state.executor.scan('', '')).toMatchObject({ keys: ['k'] });
    const other = await connecting();
    expect(await other.state.resolve('increment.0.lane-1.1.0.0.0.1')).toBeDefined();
  });

  it('gets the replies to its first request', async () => {
    await handler();
    const member = await open({ host: '127.0.0.1', port: server.port, protocol });
    await member.bus.join();
    const { replies, missing } = await member.bus.ask('size', '1', TIMEOUT);
    expect([replies.map(({ value }) => value), missing]).toEqual([[7], []]);
  });
});

describe('a member that opens the bus in an outage', () => {
  it.each([
    { kind: 'plain', options: {} },
    { kind: 'durable', options: { durable: true } },
  ])('sends its $kind events to the members of groups after it', async ({ options }) => {
    const { events } = await handler();
    proxy.refuse();
    const member = await open(proxy.url);
    expect(await member.available()).toBeDefined();
    await member.bus.join();
    const sent = Promise.all([1, 2, 3].map(n => member.bus.publish('news', String(n), options)));
    await proxy.accept();
    await sent;
    await eventually(
      () => events.length >= 3,
      DEADLINE,
      () => JSON.stringify(events),
    );
    expect(events).toEqual([1, 2, 3]);
  });

  it('settles its calls when it is closed', async () => {
    proxy.refuse();
    const member = await open(proxy.url);
    const sent = member.bus.publish('news', '1', {});
    const closed = expect(sent).rejects.toThrow('closed');
    await member.bus.close();
    await closed;
  });
});
