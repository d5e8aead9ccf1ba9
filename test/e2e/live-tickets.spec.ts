import { afterEach, describe, expect, it } from 'vitest';
import type { LiveMessage } from '../../sample-app/src/live/live-message.interface.js';
import { APPLICATION_BACKENDS, onRedis } from '../support/application-backends.js';
import { eventually } from '../support/eventually.js';
import type { EventStream } from '../support/event-stream.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { PATIENCE, type Ticket, TicketOffice } from '../support/ticket-office.js';

const TICKETS = 50;

afterEach(() => TicketOffice.closeAll());

describe.each(APPLICATION_BACKENDS)('live tickets, told through %s', (_, env) => {
  it('come to the visitors of every worker, whichever sold them', async () => {
    const office = await openOffice(env());
    const visitors = await visitorsOfAllWorkers(office);
    const sold: Ticket[] = [];
    while (new Set(sold.map(({ slot }) => slot)).size < 2) {
      sold.push((await office.ask<Ticket>('POST')).body);
    }
    for (const visitor of visitors) {
      const { stock, news } = await hearOf(visitor, sold.length);
      expect(stock).toEqual({
        total: TICKETS,
        sold: sold.length,
        reserved: 0,
        left: TICKETS - sold.length,
      });
      expect(news).toHaveLength(sold.length);
      // Messages of different workers arrive in any order.
      expect(news).toEqual(
        expect.arrayContaining(
          sold.map(({ number, slot, pid }) => ({
            type: 'sold',
            number,
            by: expect.objectContaining({ slot, pid, host: expect.any(String) }),
          })),
        ),
      );
    }

    await office.ask('DELETE');
    for (const visitor of visitors) {
      const { stock, news } = await hearOf(visitor, 1);
      expect(stock).toEqual({ total: TICKETS, sold: 0, reserved: 0, left: TICKETS });
      expect(news).toMatchObject([{ type: 'back' }]);
    }
  });

  it('begin with the current state for late visitors', async () => {
    const office = await openOffice(env());
    await office.ask('POST');
    const visitor = await office.listen();
    expect(await visitor.next()).toMatchObject({ stock: { sold: 1 } });
  });

  it('continue from another worker when one is killed', async () => {
    const office = await openOffice(env());
    const [one, other] = await visitorsOfAllWorkers(office);
    const { via } = await hearAnything(office, one!);
    process.kill(via.pid, 'SIGKILL');
    await expect(one!.ended()).rejects.toThrow('terminated');
    const { number } = (await office.ask<Ticket>('POST')).body;
    const message = await other!.until(({ news }) => news.some(isSaleOf(number)));
    expect(message.via.pid).not.toBe(via.pid);
  });

  it('end in good order when the application is stopped', async () => {
    const office = await openOffice(env());
    const visitors = await visitorsOfAllWorkers(office);
    const ended = Promise.all(visitors.map(visitor => visitor.ended()));
    expect(await office.close()).toBe(0);
    await ended;
  });
});

describe('two hosts on one Redis', () => {
  it('tell their visitors of the sales of both, and show each other', async () => {
    const env = onRedis();
    const [here, there] = await Promise.all([openOffice(env), openOffice(env)]);
    const visitor = await here.listen();
    await visitor.next();
    await there.ask('POST');
    const { news } = await hearOf(visitor, 1);

    // Each host discovers the other a moment after it has started.
    let fleet = await here.fleet();
    await eventually(
      async () => (fleet = await here.fleet()).hosts.length === 2,
      PATIENCE,
      () => JSON.stringify(fleet),
    );
    expect(fleet.hosts.filter(({ isSelf }) => isSelf)).toHaveLength(1);
    const sellers = (await there.snapshot()).workers.map(({ pid }) => pid);
    expect(sellers).toContain(news[0]!.by.pid);
  });
});

describe('live tickets without their Redis', () => {
  afterEach(async () => {
    await FaultProxy.stopAll();
    await RedisServer.stopAll();
  });

  it('report that the state is unknown, and resume when Redis is back', async () => {
    const redis = await RedisServer.start();
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: redis.port });
    const office = await openOffice({
      CLUSTER_WORKERS: '1',
      CLUSTER_REDIS_URL: proxy.url,
      CLUSTER_STATE_TIMEOUT: '1000',
    });
    await office.ask('POST');
    const visitor = await office.listen();
    await visitor.until(({ stock }) => stock?.sold === 1);
    proxy.refuse();
    proxy.cutAll();
    await visitor.until(({ stock }) => stock === null);
    expect(await office.get('/api/fleet')).toMatchObject({
      status: 503,
      body: { message: 'The other hosts are unknown at the moment' },
    });
    expect(await office.snapshot()).toMatchObject({ status: 'up', store: { status: 'degraded' } });

    await proxy.heal();
    await visitor.until(({ stock }) => stock?.sold === 1);
    await office.ask('POST');
    expect((await hearOf(visitor, 1)).stock).toMatchObject({ sold: 2 });
    expect((await office.fleet()).hosts).toHaveLength(1);
  });
});

function openOffice(env: Readonly<Record<string, string>>): Promise<TicketOffice> {
  return TicketOffice.open({ CLUSTER_WORKERS: '2', TICKETS: String(TICKETS), ...env });
}

/** Opens one stream to each of the two workers. */
async function visitorsOfAllWorkers(office: TicketOffice): Promise<EventStream<LiveMessage>[]> {
  const visitors = new Map<number, EventStream<LiveMessage>>();
  while (visitors.size < 2) {
    const visitor = await office.listen();
    const { via } = await visitor.until(() => true);
    if (visitors.has(via.slot)) {
      await visitor.close();
    } else {
      visitors.set(via.slot, visitor);
    }
  }
  return [...visitors.values()];
}

/** Resolves with this many news items and the state after them. They may arrive in any number of messages. */
async function hearOf(visitor: EventStream<LiveMessage>, count: number): Promise<LiveMessage> {
  const news: LiveMessage['news'][number][] = [];
  const last = await visitor.until(message => news.push(...message.news) >= count);
  return { ...last, news };
}

async function hearAnything(
  office: TicketOffice,
  visitor: EventStream<LiveMessage>,
): Promise<LiveMessage> {
  await office.ask('POST');
  return hearOf(visitor, 1);
}

function isSaleOf(wanted: number) {
  return (entry: LiveMessage['news'][number]) => entry.type === 'sold' && entry.number === wanted;
}
