import { Agent } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { APPLICATION_BACKENDS } from '../support/application-backends.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { type Answer, PATIENCE, type Ticket, TicketOffice } from '../support/ticket-office.js';

const TICKETS = 1000;
const WORKERS = 4;
const CUSTOMERS = 64;
/** The number of tickets that are sold before the next worker is killed. */
const KILL_EVERY = 200;

afterEach(async () => {
  await TicketOffice.closeAll();
  await FaultProxy.stopAll();
  await RedisServer.stopAll();
});

describe.each(APPLICATION_BACKENDS)('a ticket rush, the tickets being counted in %s', (_, env) => {
  it('sells each ticket once, while one worker after the other is killed', async () => {
    const office = await openOffice(env());
    const rush = new Rush(office);
    for (let target = KILL_EVERY; target < TICKETS; target += KILL_EVERY) {
      let victim = 0;
      await rush.sell(target, ({ pid }) => {
        process.kill(pid, 'SIGKILL');
        victim = pid;
      });
      await office.untilReplaced(victim);
    }
    await rush.sell(Infinity);

    expect(await office.ask('GET')).toEqual({
      status: 200,
      body: { total: TICKETS, sold: TICKETS, reserved: 0, left: 0 },
    });
    const received = new Set(rush.numbers);
    expect(rush.numbers.length).toBe(received.size);
    expect(rush.numbers.filter(number => !isOnATicket(number))).toEqual([]);
    expect(rush.cut).toBeGreaterThan(0);
    expect(TICKETS - received.size).toBeLessThanOrEqual(rush.cut);

    const late = await Promise.all(Array.from({ length: 2 * WORKERS }, () => office.ask('POST')));
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([409]));
    expect(await office.ask('DELETE')).toEqual({
      status: 200,
      body: { total: TICKETS, sold: 0, reserved: 0, left: TICKETS },
    });
  }, 120_000);
});

describe('a ticket office that loses its Redis', () => {
  it('reports the ticket that may have been sold, and continues when Redis is back', async () => {
    const redis = await RedisServer.start();
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: redis.port });
    const office = await openOffice({
      CLUSTER_WORKERS: '1',
      CLUSTER_REDIS_URL: proxy.url,
      CLUSTER_STATE_TIMEOUT: '1000',
    });
    expect(await office.ask('POST')).toMatchObject({ status: 201, body: { number: 1 } });

    proxy.loseNextReply({ containing: 'increment' });
    proxy.refuse();
    expect(await office.ask('POST')).toEqual(
      unavailable(/^The ticket may have been sold: operation \S+ was not answered in time$/),
    );
    expect(await office.ask('POST')).toEqual(unavailable(/Nothing has changed; try again$/));
    expect(await office.ask('GET')).toEqual(unavailable(/Nothing has changed; try again$/));

    await proxy.heal();
    await eventually(
      async () => (await office.ask('GET')).status === 200,
      PATIENCE,
      () => office.output,
    );
    expect(await office.ask('POST')).toMatchObject({ status: 201, body: { number: 3 } });
  });
});

/** Customers that buy one ticket after the other without a pause. */
class Rush {
  /** The numbers of the received tickets. */
  readonly numbers: number[] = [];
  /** The number of requests without a response. Each may have sold a ticket. */
  cut = 0;
  #isSoldOut = false;

  constructor(private readonly office: TicketOffice) {}

  /** Buys until this many tickets are sold or none is left. When the last one arrives, others are still in flight. */
  async sell(target: number, onTarget?: (last: Ticket) => void): Promise<void> {
    await Promise.all(
      Array.from({ length: CUSTOMERS }, async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        while (!this.#isSoldOut && this.numbers.length < target) {
          const ticket = await this.#buy(agent);
          if (ticket) {
            this.numbers.push(ticket.number);
          }
          if (ticket && this.numbers.length === target) {
            onTarget?.(ticket);
          }
        }
        agent.destroy();
      }),
    );
  }

  async #buy(agent: Agent): Promise<Ticket | undefined> {
    try {
      const { status, body } = await this.office.ask<Ticket>('POST', agent);
      if (status === 201) {
        return body;
      }
      expect({ status, body }).toMatchObject({ status: 409 });
      this.#isSoldOut = true;
    } catch (error) {
      // In this test, a connection is reset only when its worker ends.
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') {
        throw error;
      }
      this.cut++;
    }
    return undefined;
  }
}

function openOffice(env: Readonly<Record<string, string>>): Promise<TicketOffice> {
  return TicketOffice.open({ CLUSTER_WORKERS: String(WORKERS), TICKETS: String(TICKETS), ...env });
}

function isOnATicket(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= TICKETS;
}

function unavailable(message: RegExp): Answer<unknown> {
  return {
    status: 503,
    body: {
      statusCode: 503,
      error: 'Service Unavailable',
      message: expect.stringMatching(message),
    },
  };
}
