import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { upTo } from '../support/numbers.js';
import {
  numbersOf,
  RemoteBus,
  type RemoteInbox,
  type RemoteMember,
} from '../support/remote-bus.js';

const DURABLE = { durable: true };

const BEFORE = [0, 1, 2, 3, 4];
const LOST = [5, 6, 7];

let server: RedisServer;
let proxy: FaultProxy;
let near: RemoteMember;
let far: RemoteMember;

beforeEach(async () => {
  server = await RedisServer.start();
  proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
  const env = { CLUSTER_NAMESPACE: randomUUID(), CLUSTER_WORKERS: '1' };
  const start = async (url: string): Promise<RemoteMember> =>
    (await RemoteBus.ready({ env: { ...env, CLUSTER_REDIS_URL: url } })).members[0]!;
  [near, far] = await Promise.all([start(server.url), start(proxy.url)]);
});

afterEach(async () => {
  await Application.endAll();
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

/** Publishes events as soon as the server is available. */
async function publish(topic: string, numbers: readonly number[], options: object): Promise<void> {
  for (const n of numbers) {
    await eventually(
      () =>
        near.publish(topic, { n, by: near.pid }, options).then(
          () => true,
          () => false,
        ),
      20_000,
      () => near.app.output,
    );
  }
}

/**
 * Publishes events. When they have arrived, the server forgets the last three, as a replica that lags when it takes over. Before
 * the far host is connected again, `count` others are published.
 */
async function rollBack(
  inbox: RemoteInbox,
  topic: string,
  options: object,
  count: number,
): Promise<number[]> {
  await publish(topic, BEFORE, options);
  await server.command('SAVE');
  await publish(topic, LOST, options);
  await inbox.untilArrivals(all => numbersOf(all).at(-1) === LOST.at(-1));
  const others = upTo(count).map(n => 100 + n);
  proxy.refuse();
  await server.restart();
  await publish(topic, others, options);
  await proxy.accept();
  return others;
}

describe('a Redis server that has lost the latest events', () => {
  it.each([1, 3, 6])('has a gap, and every event that is published then (%i)', async count => {
    const inbox = await far.subscribe('durable', DURABLE);
    const others = await rollBack(inbox, 'durable', DURABLE, count);
    const arrivals = await inbox.untilArrivals(all => numbersOf(all).includes(others.at(-1)!));
    expect(numbersOf(arrivals)).toEqual([...BEFORE, ...LOST, ...others]);
    const { gaps } = await inbox.tally();
    expect(gaps).toEqual([{ topic: 'durable', missed: undefined, reason: 'lost' }]);
  });

  it('hands the events that are published then to a group, also while the lost ones are handled', async () => {
    const inbox = await far.subscribe('group', {
      ...DURABLE,
      group: 'g',
      concurrency: 20,
      hold: true,
    });
    const others = await rollBack(inbox, 'group', DURABLE, 3);
    await inbox.untilArrivals(all => numbersOf(all).includes(others.at(-1)!));
    await inbox.release();
    expect(new Set(numbersOf(await inbox.arrivals()))).toEqual(
      new Set([...BEFORE, ...LOST, ...others]),
    );
  });

  it('has the current value of a topic with `retain`', async () => {
    const inbox = await far.subscribe('flag', { retain: true });
    const [value] = await rollBack(inbox, 'flag', { retain: true }, 1);
    await inbox.untilArrivals(all => numbersOf(all).at(-1) === value);
  });
});
