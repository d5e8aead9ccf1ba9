import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

interface Message {
  readonly text: string;
  readonly by: number;
}

/** A client with one subscription. */
class Listener {
  readonly messages: Message[] = [];
  readonly ended: Promise<string>;
  readonly client: Client;

  get texts(): string[] {
    return this.messages.map(({ text }) => text).filter(text => text !== 'begin');
  }

  constructor(app: Application, room: string) {
    this.client = createClient({
      url: app.url('/graphql').replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    this.ended = new Promise(resolve => {
      this.client.subscribe<{ message: Message }>(
        {
          query: 'subscription ($room: String!) { message(room: $room) { text by } }',
          variables: { room },
        },
        {
          next: ({ data }) => void this.messages.push(data!.message),
          error: error => resolve(`closed with ${(error as { code?: number }).code}`),
          complete: () => resolve('complete'),
        },
      );
    });
  }
}

describe.each([
  ['apollo', 'memory'],
  ['mercurius', 'Redis'],
])('GraphQL subscriptions with %s in two workers, over %s', (driver, backend) => {
  let app: Application;
  let listeners: Listener[] = [];

  beforeAll(async () => {
    app = await Application.ready('graphql/main', {
      env: {
        GRAPHQL_DRIVER: driver,
        ...(backend === 'Redis' && {
          CLUSTER_REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
          CLUSTER_NAMESPACE: randomUUID(),
        }),
      },
    });
  });

  afterEach(() => {
    listeners.forEach(({ client }) => client.terminate());
    listeners = [];
  });

  afterAll(() => Application.endAll());

  async function send(room: string, text: string): Promise<number> {
    const response = await fetch(app.url('/graphql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({
        query: 'mutation ($room: String!, $text: String!) { send(room: $room, text: $text) }',
        variables: { room, text },
      }),
    });
    const { data } = (await response.json()) as { data: { send: number } };
    return data.send;
  }

  const subscribed = (): Set<unknown> => new Set(app.noted('subscribed').map(({ slot }) => slot));

  /** Connects clients to both workers, and resolves when all of them receive events. */
  async function listenInBoth(room: string): Promise<void> {
    listeners = Array.from({ length: 4 }, () => new Listener(app, room));
    await app.until(() => subscribed().size === 2);
    await eventually(
      async () => {
        await send(room, 'begin');
        return listeners.every(({ messages }) => messages.length > 0);
      },
      10_000,
      () => JSON.stringify(listeners.map(({ messages }) => messages.length)),
      50,
    );
  }

  it('reach the clients of both workers, from either worker, once and in order', async () => {
    const room = randomUUID();
    await listenInBoth(room);
    const senders = new Set<number>();
    const texts: string[] = [];
    while (senders.size < 2) {
      texts.push(`message ${texts.length}`);
      senders.add(await send(room, texts.at(-1)!));
    }
    await send('another room', 'not for them');
    await eventually(
      () => listeners.every(listener => listener.texts.length >= texts.length),
      10_000,
      () => JSON.stringify(listeners.map(listener => listener.texts)),
    );
    expect(listeners.map(listener => listener.texts)).toEqual(listeners.map(() => texts));
  });

  it('end when the workers drain, and the host stops in good order', async () => {
    await listenInBoth(randomUUID());
    app.signal('SIGTERM');
    const ends = await Promise.all(listeners.map(({ ended }) => ended));
    // The server completes the subscription, unless the drain closes the connection first.
    expect(ends.filter(end => !['complete', 'closed with 1012'].includes(end))).toEqual([]);
    expect(ends).toContain('complete');
    const { code } = await app.exited;
    expect({ code, unhandled: app.noted('unhandled'), errors: app.stderr }).toEqual({
      code: 0,
      unhandled: [],
      errors: '',
    });
  });
});
