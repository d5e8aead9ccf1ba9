import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ClusterError } from '../../src/model/errors/cluster.error.js';
import { perform } from '../../src/state/objects/perform.js';
import type { Operation } from '../../src/state/operation.js';
import { RedisMember } from '../support/redis-member.js';
import { type Answerer, GarbageServer } from '../support/redis/garbage-server.js';

/** The deadline of each call in milliseconds. */
const TIMEOUT = 150;

const NESTED = '*2\r\n*1\r\n*1\r\n:1\r\n*0\r\n';
const REPLIES = ['$-1\r\n', '+OK\r\n', ':1\r\n', '*0\r\n', NESTED, '$1\r\nx\r\n', '*1\r\n$-1\r\n'];

const INFO = 'redis_version:7.0.15\r\nloading:0\r\n';

/** The replies of a RESP2 server to the commands of a new connection. */
const HANDSHAKE: Readonly<Record<string, string>> = {
  HELLO: "-ERR unknown command 'HELLO'\r\n",
  CLIENT: '+OK\r\n',
  INFO: `$${INFO.length}\r\n${INFO}\r\n`,
};

/** The replies of a RESP2 server to the commands of a new connection and of a probe. */
const GREETING: Readonly<Record<string, string>> = {
  ...HANDSHAKE,
  DEL: ':0\r\n',
  GET: '$1\r\n1\r\n',
  TIME: '*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n',
};

const SERVERS: Readonly<Record<string, (reply: string) => Answerer>> = {
  'to every command': reply => () => reply,
  'once it is connected': reply => command => HANDSHAKE[command] ?? reply,
  'once it has been greeted': reply => command => GREETING[command] ?? reply,
};

const OPERATIONS: readonly Operation[] = [
  { name: 'get', key: 'k' },
  { name: 'set', key: 'k', value: '1' },
  { name: 'increment', key: 'n', runs: [[1, 1]], min: 0, max: 9 },
  { name: 'lockAcquire', key: 'l', owner: 'a.1', lease: 1_000, wait: 0 },
];

const failures: unknown[] = [];
const onFailure = (reason: unknown): void => void failures.push(reason);

let server: GarbageServer | undefined;
let member: RedisMember | undefined;

beforeAll(() => {
  process.on('unhandledRejection', onFailure);
  process.on('uncaughtException', onFailure);
});
afterAll(() => {
  process.off('unhandledRejection', onFailure);
  process.off('uncaughtException', onFailure);
});

beforeEach(() => {
  failures.length = 0;
});
afterEach(async () => {
  await member?.close();
  await server?.stop();
  await new Promise(resolve => setImmediate(resolve));
  expect(failures).toEqual([]);
});

const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    value => ({ value }),
    (error: unknown) => error,
  );

/** The outcome of each kind of call that an application makes. */
async function outcomes({ state, bus }: RedisMember): Promise<unknown[]> {
  return Promise.all([
    ...OPERATIONS.map(operation => outcomeOf(perform(state, 'a value', operation))),
    outcomeOf(bus.publish('kept', '1', { durable: true })),
    outcomeOf(bus.ask('size', '1', TIMEOUT)),
  ]);
}

describe.each(Object.entries(SERVERS))('a server that answers nonsense %s', (_, answererFor) => {
  it.each(REPLIES)('has every call fail: %j', async reply => {
    server = await GarbageServer.start(answererFor(reply));
    const options = { namespace: 'garbage', timeout: TIMEOUT };
    member = await RedisMember.of(`redis://127.0.0.1:${server.port}`, options);
    const settings = { name: 'test', handle: () => {} };
    await Promise.all([
      member.bus.subscribe('news', settings, { concurrency: 1 }),
      member.bus.subscribe('kept', settings, { concurrency: 1, durable: true }),
      member.bus.answer('size', { name: 'test', answer: () => 1 }),
      member.bus.join(),
    ]);
    for (let round = 0; round < 2; round++) {
      const settled = await outcomes(member);
      expect(settled.filter(each => !(each instanceof ClusterError))).toEqual([]);
    }
    const published = await outcomeOf(member.bus.publish('news', '1', {}));
    // The reply `:1`, which means one recipient, is valid.
    expect(published instanceof ClusterError || reply === ':1\r\n').toBe(true);
  });
});

describe('a Redis Cluster that sends invalid replies', () => {
  it.each(REPLIES)('has every call fail: %j', async reply => {
    server = await GarbageServer.start(SERVERS['once it is connected']!(reply));
    const cluster = [{ host: '127.0.0.1', port: server.port }];
    member = await RedisMember.of({ cluster }, { namespace: 'garbage', timeout: TIMEOUT });
    const settled = await outcomes(member);
    expect(settled.filter(each => !(each instanceof ClusterError))).toEqual([]);
  });
});

describe('a Sentinel that sends invalid replies', () => {
  it.each(REPLIES)('has every call fail: %j', async reply => {
    server = await GarbageServer.start(SERVERS['once it is connected']!(reply));
    const sentinels = [{ host: '127.0.0.1', port: server.port }];
    const options = { sentinels, name: 'master' };
    member = await RedisMember.of(options, { namespace: 'garbage', timeout: TIMEOUT });
    const settled = await outcomes(member);
    expect(settled.filter(each => !(each instanceof ClusterError))).toEqual([]);
  });
});
