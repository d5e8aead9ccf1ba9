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
        // Long enough for the slow events of a test.
        CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW: '4000',
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

  /** Sends messages one after the other. Resolves with the slot of the worker that sends them. */
  async function send(room: string, ...texts: readonly string[]): Promise<number> {
    const calls = texts.map((text, index) => `m${index}: send(room: $room, text: "${text}")`);
    const response = await fetch(app.url('/graphql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({
        query: `mutation ($room: String!) { ${calls.join()} }`,
        variables: { room },
      }),
    });
    const { data } = (await response.json()) as { data: { m0: number } };
    return data.m0;
  }

  const subscribed = (): Set<unknown> => new Set(app.noted('subscribed').map(({ slot }) => slot));

  /** Connects clients to both workers, and resolves when all of them receive events. */
  async function listenInBoth(room: string): Promise<readonly Listener[]> {
    const added = Array.from({ length: 4 }, () => new Listener(app, room));
    listeners.push(...added);
    await app.until(() => subscribed().size === 2);
    await eventually(
      async () => {
        await send(room, 'begin');
        return added.every(({ messages }) => messages.length > 0);
      },
      10_000,
      () => JSON.stringify(added.map(({ messages }) => messages.length)),
      50,
    );
    return added;
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

  it('end when the workers drain, after the events that had arrived, and the host stops in good order', async () => {
    const [room, later] = [randomUUID(), randomUUID()];
    const others = await listenInBoth(later);
    // The drain closes the connections in the order of their opening.
    const slow = await listenInBoth(room);
    const texts = Array.from({ length: 10 }, (_, index) => `slow ${index}`);
    await send(room, ...texts);
    // When it has arrived, everything before it has arrived as well.
    await send(later, 'last');
    await app.until(() => others.every(listener => listener.texts.length > 0));
    app.signal('SIGTERM');
    const ends = await Promise.all(listeners.map(({ ended }) => ended));
    // The server completes the subscription, unless the drain closes the connection first.
    expect(ends.filter(end => !['complete', 'closed with 1012'].includes(end))).toEqual([]);
    expect(ends).toContain('complete');
    const completed = slow.filter(each => ends[listeners.indexOf(each)] === 'complete');
    expect(completed.map(listener => listener.texts)).toEqual(completed.map(() => texts));
    const { code } = await app.exited;
    expect({ code, unhandled: app.noted('unhandled'), errors: app.stderr }).toEqual({
      code: 0,
      unhandled: [],
      errors: '',
    });
  });
});
