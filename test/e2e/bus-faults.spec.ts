import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { freePort } from '../support/free-port.mjs';
import { RedisServer } from '../support/redis/redis-server.js';
import { ascending, upTo } from '../support/numbers.js';
import {
  numbersOf,
  RemoteBus,
  type RemoteInbox,
  type RemoteMember,
} from '../support/remote-bus.js';

const COUNT = 10_000;
const CUTS = 4;
/** Milliseconds: the timeout of the bus while Redis is unavailable, and the delay that a slow machine may add. */
const TIMEOUT = 1_000;
const MARGIN = 700;

const RELIABLE = { durable: true };

let started: RemoteBus[] = [];

async function start(url: string, env: Record<string, string> = {}): Promise<RemoteBus> {
  const bus = await RemoteBus.ready({
    env: { CLUSTER_REDIS_URL: url, CLUSTER_WORKERS: '1', CLUSTER_BUS_TIMEOUT: '10000', ...env },
  });
  started.push(bus);
  return bus;
}

beforeEach(() => {
  started = [];
});

afterEach(async () => {
  const unhandled = started.flatMap(({ app }) => app.noted('unhandled'));
  await Application.endAll();
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
  expect(unhandled).toEqual([]);
});

/** Publishes events until each inbox has received one of them, so that any earlier gap has been noticed. */
async function untilThereAgain(
  sender: RemoteMember,
  topic: string,
  inboxes: readonly RemoteInbox[],
): Promise<number> {
  let published = 0;
  await eventually(
    async () => {
      await sender.publish(topic, { n: COUNT + published++, by: sender.pid });
      const lists = await Promise.all(inboxes.map(inbox => inbox.arrivals()));
      return lists.every(arrivals => numbersOf(arrivals).at(-1)! >= COUNT);
    },
    20_000,
    () => sender.app.output,
  );
  return published;
}

describe('a host whose connections to Redis are cut while events come', () => {
  let server: RedisServer;
  let proxy: FaultProxy;
  let sender: RemoteMember;
  let remote: RemoteBus;

  beforeEach(async () => {
    server = await RedisServer.start();
    proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.port });
    const namespace = { CLUSTER_NAMESPACE: randomUUID() };
    const [near, far] = await Promise.all([
      start(server.url, namespace),
      start(proxy.url, { ...namespace, CLUSTER_WORKERS: '2' }),
    ]);
    sender = near.members[0]!;
    remote = far;
  });

  /** Cuts all connections repeatedly, each time after a further share of the events has arrived. */
  async function cutNowAndThen(inbox: RemoteInbox): Promise<void> {
    for (let cut = 1; cut <= CUTS; cut++) {
      const step = COUNT / (2 * CUTS);
      const { arrived } = await inbox.tally();
      await inbox.untilTally(tally => tally.arrived >= Math.min(arrived + step, COUNT / 2));
      proxy.cutAll();
    }
  }

  it('is told of gaps that, with the received events, add up to all events', async () => {
    const inboxes = [
      ...(await remote.subscribeAll('plain')),
      ...(await remote.subscribeAll('pl*')),
    ];
    const flood = await sender.flood('plain', { count: COUNT, perSecond: 3_000 });
    await cutNowAndThen(inboxes[0]!);
    expect((await flood.finished()).failed).toEqual([]);
    const more = await untilThereAgain(sender, 'plain', inboxes);
    for (const inbox of inboxes) {
      const { arrived, missed, gaps } = await inbox.untilTally(
        tally => tally.arrived + tally.missed >= COUNT + more,
      );
      expect(arrived + missed).toBe(COUNT + more);
      expect(missed).toBeGreaterThan(0);
      expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['connection']));
      expect(new Set(gaps.map(({ topic }) => topic))).toEqual(new Set(['plain']));
      const numbers = numbersOf(await inbox.arrivals());
      expect(numbers).toEqual(ascending(new Set(numbers)));
    }
    // The method that the decorator names receives the gaps of the decorated handler.
    for (const { slot } of remote.members) {
      const ofSlot = (what: string) => remote.app.noted(what).filter(note => note['slot'] === slot);
      const missed = () => ofSlot('gap').reduce((sum, note) => sum + (note['missed'] as number), 0);
      await remote.app.until(() => ofSlot('plain').length + missed() >= COUNT + more);
      expect(ofSlot('plain').length + missed()).toBe(COUNT + more);
    }
  });

  it('gets all durable events, in order, once, and is told of no gap', async () => {
    const inboxes = await remote.subscribeAll('safe', RELIABLE);
    const flood = await sender.flood('safe', { count: COUNT, perSecond: 3_000, publish: RELIABLE });
    await cutNowAndThen(inboxes[0]!);
    expect((await flood.finished()).failed).toEqual([]);
    for (const inbox of inboxes) {
      expect(numbersOf(await inbox.until(COUNT))).toEqual(upTo(COUNT));
      expect((await inbox.tally()).gaps).toEqual([]);
    }
  });

  it.each([
    ['plain', {}],
    ['durable', RELIABLE],
  ])(
    'has its own %s events arrive once, in order, if it was not told otherwise',
    async (_, publish) => {
      const inbox = await sender.subscribe('own', publish);
      const flood = await remote.members[0]!.flood('own', {
        count: COUNT,
        perSecond: 3_000,
        publish,
      });
      await cutNowAndThen(inbox);
      const { failed } = await flood.finished();
      const uncertain = new Set(failed.map(({ n }) => n));
      await inbox.untilTally(({ arrived, missed }) => arrived + missed >= COUNT - uncertain.size);
      const numbers = numbersOf(await inbox.arrivals());
      expect(numbers).toEqual(ascending(new Set(numbers)));
      const arrived = new Set(numbers);
      expect(upTo(COUNT).filter(n => !arrived.has(n) && !uncertain.has(n))).toEqual([]);
    },
  );
});

describe('an application whose Redis is killed', () => {
  it('has all durable events that were acknowledged, once Redis is available again', async () => {
    const server = await RedisServer.start({ persistent: true });
    const bus = await start(server.url, { CLUSTER_WORKERS: '2' });
    const [sender] = bus.members;
    const inboxes = await bus.subscribeAll('safe', RELIABLE);
    const plain = await bus.subscribeAll('plain');
    const options = { perSecond: 200 };
    const flood = await sender!.flood('safe', { ...options, publish: RELIABLE });
    const others = await sender!.flood('plain', options);
    await inboxes[0]!.until(100);
    await server.kill();
    await server.restart();
    const { arrived } = await inboxes[0]!.tally();
    await inboxes[0]!.until(arrived + 100);
    const { published, failed } = await flood.stop();
    const refused = new Set(failed.map(({ n }) => n));
    for (const inbox of inboxes) {
      const numbers = numbersOf(await inbox.until(published - refused.size));
      expect(numbers.filter(n => !refused.has(n))).toEqual(
        upTo(published).filter(n => !refused.has(n)),
      );
      expect(new Set(numbers).size).toBe(numbers.length);
      expect((await inbox.tally()).gaps).toEqual([]);
    }
    const sent = await others.stop();
    for (const inbox of plain) {
      const acknowledged = sent.published - sent.failed.length;
      const tally = await inbox.untilTally(seen => seen.arrived + seen.missed >= acknowledged);
      expect(tally.arrived + tally.missed).toBeLessThanOrEqual(sent.published);
      const numbers = numbersOf(await inbox.arrivals());
      expect(numbers).toEqual(ascending(new Set(numbers)));
    }
  });

  it('is told that the history is lost when Redis has lost it, and continues', async () => {
    const server = await RedisServer.start();
    const bus = await start(server.url, { CLUSTER_WORKERS: '2' });
    const [sender] = bus.members;
    const inboxes = await bus.subscribeAll('safe', RELIABLE);
    for (const n of upTo(20)) {
      await sender!.publish('safe', { n, by: sender!.pid }, RELIABLE);
    }
    await Promise.all(inboxes.map(inbox => inbox.until(20)));
    await server.command('FLUSHALL');
    for (const n of upTo(20)) {
      await sender!.publish('safe', { n: 20 + n, by: sender!.pid }, RELIABLE);
    }
    for (const inbox of inboxes) {
      await inbox.untilTally(({ gaps }) => gaps.length > 0);
      expect((await inbox.tally()).gaps).toMatchObject([{ topic: 'safe', reason: 'lost' }]);
      await inbox.untilArrivals(arrivals => numbersOf(arrivals).at(-1) === 39);
      const numbers = numbersOf(await inbox.arrivals());
      expect(numbers).toEqual(ascending(new Set(numbers)));
    }
  });
});

describe('an application whose Redis is not there', () => {
  it('boots, refuses by the deadline, and works by itself when Redis comes', async () => {
    const port = await freePort();
    const bus = await start(`redis://127.0.0.1:${port}`, {
      CLUSTER_WORKERS: '2',
      CLUSTER_BUS_TIMEOUT: String(TIMEOUT),
    });
    const [sender] = bus.members;
    for (const publish of [{}, RELIABLE, { retain: true }]) {
      const startedAt = performance.now();
      await expect(sender!.publish('plain', { n: -1 }, publish)).rejects.toMatchObject({
        code: 'CLUSTER_BUS_UNAVAILABLE',
      });
      expect(performance.now() - startedAt).toBeLessThan(TIMEOUT + MARGIN);
    }
    const asking = performance.now();
    await expect(sender!.ask('how', 1, { timeout: TIMEOUT })).rejects.toMatchObject({
      code: 'CLUSTER_BUS_UNAVAILABLE',
    });
    expect(performance.now() - asking).toBeLessThan(2 * TIMEOUT + MARGIN);
    await RedisServer.start({ port });
    let n = 0;
    const isThere = (what: string, slot: number): boolean =>
      bus.app.noted(what).some(note => note['slot'] === slot && (note['n'] as number) >= 0);
    await eventually(
      async () => {
        const payload = { n: n++ };
        const tries = await Promise.allSettled([
          sender!.publish('plain', payload),
          sender!.publish('kept', payload, RELIABLE),
        ]);
        return (
          tries.every(({ status }) => status === 'fulfilled') &&
          bus.members.every(({ slot }) => isThere('plain', slot) && isThere('kept', slot))
        );
      },
      20_000,
      () => bus.app.output,
    );
    // No refused event was delivered.
    expect(bus.app.noted('plain').filter(note => note['n'] === -1)).toEqual([]);
    expect(bus.app.noted('kept').filter(note => note['n'] === -1)).toEqual([]);
  });
});
