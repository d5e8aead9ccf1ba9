import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Application } from '../support/application.js';

const clients: Client[] = [];

afterEach(async () => {
  clients.splice(0).forEach(({ socket }) => socket.terminate());
  await Application.endAll();
});

interface Message {
  readonly event: string;
  readonly data: unknown;
}

class Client {
  static async open(app: Application): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${app.port}`));
    clients.push(client);
    await client.next('worker');
    return client;
  }

  readonly messages: Message[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', data =>
      this.messages.push(JSON.parse((data as Buffer).toString()) as Message),
    );
  }

  get worker(): unknown {
    return this.messages[0]!.data;
  }

  get said(): unknown[] {
    return this.messages.filter(({ event }) => event === 'said').map(({ data }) => data);
  }

  /** Resolves with the data of the next message of this name. */
  async next(event: string): Promise<unknown> {
    for (;;) {
      await once(this.socket, 'message');
      const last = this.messages.at(-1)!;
      if (last.event === event) {
        return last.data;
      }
    }
  }

  /** Resolves when a text has arrived. */
  async hears(text: string): Promise<void> {
    while (!this.said.includes(text)) {
      await once(this.socket, 'message');
    }
  }

  say(text: string, room?: string): void {
    this.socket.send(JSON.stringify({ event: 'say', data: { room, text } }));
  }

  ask(event: string, data: unknown, answer: string): Promise<unknown> {
    const answered = this.next(answer);
    this.socket.send(JSON.stringify({ event, data }));
    return answered;
  }
}

it('messages reach the clients of all workers, or those in a room', async () => {
  const app = await Application.ready('ws/main');
  const all: Client[] = [];
  for (let index = 0; index < 6; index++) {
    all.push(await Client.open(app));
  }
  expect(new Set(all.map(({ worker }) => worker)).size).toBe(2);
  const [first, second, third, ...others] = all as [Client, Client, Client, ...Client[]];
  for (const client of [first, second, third]) {
    expect(await client.ask('join', 'blue', 'rooms')).toEqual(['blue']);
  }
  expect(await third.ask('leave', 'blue', 'rooms')).toEqual([]);
  expect(await first.ask('count', 'blue', 'count')).toEqual([6, 2]);

  third.say('to all');
  third.say('to some', 'blue');
  third.say('after');
  await Promise.all(all.map(client => client.hears('after')));
  expect([first, second].map(({ said }) => said)).toEqual([
    ['to all', 'to some', 'after'],
    ['to all', 'to some', 'after'],
  ]);
  expect([third, ...others].map(({ said }) => said)).toEqual(
    [third, ...others].map(() => ['to all', 'after']),
  );

  second.socket.close();
  await once(second.socket, 'close');
  // The worker learns of the end at about the same time, and may do so between its two counts.
  let count = (await first.ask('count', 'blue', 'count')) as number[];
  while (count[0] === 6 || count[1] === 2) {
    count = (await first.ask('count', 'blue', 'count')) as number[];
  }
  expect(count).toEqual([5, 1]);
  app.signal('SIGTERM');
  expect(await app.exited).toEqual({ code: 0, signal: null });
  expect(app.stderr).toBe('');
});

it('an application without the adapter does not boot', async () => {
  const app = await Application.start('ws/main', {
    env: { NO_ADAPTER: '1', CLUSTER_WORKERS: '1' },
  });
  await app.exited;
  expect(app.output).toMatch(/ClusterWsModule needs app\.useWebSocketAdapter/);
});
