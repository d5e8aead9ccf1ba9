import { afterEach, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { TickClient } from '../support/socket-io/tick-clients.js';
import { within } from '../support/within.js';

/** `npm run verify:sockets` sets these. */
const CLIENTS = Number(process.env['IO_CLIENTS'] ?? 24);
const RELOADS = Number(process.env['IO_RELOADS'] ?? 3);

const clients: TickClient[] = [];

afterEach(async () => {
  clients.splice(0).forEach(client => client.close());
  await Application.endAll();
});

/** Sends events until it is told to stop. */
class Ticking {
  /** The workers that have sent the events. */
  readonly senders: string[] = [];
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(private readonly app: Application) {
    this.#done = this.#run();
  }

  /** Returns the workers that have sent the events. */
  async stop(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#done;
    return this.senders;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const number = this.senders.length + 1;
      const response = await fetch(this.app.url(`/tick/${number}`), { method: 'POST' });
      if (!response.ok) {
        throw new Error('an event was not sent');
      }
      this.senders.push(await response.text());
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  }
}

it(
  'clients receive every event in order, once, over reloads',
  async () => {
    const app = await Application.ready('socket-io/main', {
      env: { FIXTURE: JSON.stringify({ recovery: {} }), CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW: '300' },
    });
    for (let index = 0; index < CLIENTS; index++) {
      clients.push(new TickClient(app.url(''), [undefined, ['polling'], ['websocket']][index % 3]));
    }
    await Promise.all(clients.map(client => client.connected()));
    const ticking = new Ticking(app);
    await Promise.all(clients.map(client => client.received(2)));
    for (let reload = 1; reload <= RELOADS; reload++) {
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === reload);
      await app.until(() => app.count('workerExited') === 2 * reload);
    }
    const senders = await ticking.stop();
    const last = senders.length;
    await within(
      // A client that has not noticed the end of its connection finds it out by the ping of Engine.IO: after 45 s.
      50_000 + 50 * CLIENTS,
      Promise.all(clients.map(client => client.receivedAll(last))),
      () =>
        `Of ${last} events, the clients have: ${clients.map(({ numbers }) => numbers.length).join()}`,
    );
    // Events that different workers send may overtake each other, in the same way for all clients.
    const order = clients.map(({ numbers }) => numbers).toSorted((a, b) => b.length - a.length)[0]!;
    for (const sender of new Set(senders)) {
      const own = order.filter(number => senders[number - 1] === sender);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    for (const { numbers, connects, restored } of clients) {
      // The first events may have been sent before the client had connected to its namespace.
      expect(numbers).toEqual(order.slice(order.indexOf(numbers[0]!)));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(restored).toBeGreaterThan(0);
      expect(restored).toBe(connects - 1);
    }
    expect(app.stderr).toBe('');
  },
  90_000 + RELOADS * 30_000,
);
