import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { Server } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { writeTogether } from '../../../src/socket.io/adapter/write-together.js';

let http: HttpServer;
let server: Server;
let client: ClientSocket;

beforeEach(async () => {
  http = createServer();
  server = new Server(http);
  writeTogether(server.engine);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});

afterEach(async () => {
  vi.restoreAllMocks();
  client.close();
  await server.close();
});

async function connect(transports: string[]): Promise<void> {
  client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports });
  await once(client as never, 'connect');
}

/** Collects events until one with the text "end" arrives. */
async function untilEnd(): Promise<unknown[]> {
  const received: unknown[] = [];
  return new Promise(resolve =>
    client.on('news', value => {
      received.push(value);
      if (value === 'end') {
        resolve(received);
      }
    }),
  );
}

it('broadcasts of one turn are written together', async () => {
  await connect(['websocket']);
  const received = untilEnd();
  // What a socket hands to the operating system: one part, or several.
  const parts = Socket.prototype as unknown as Record<'_write' | '_writev', () => void>;
  const writes = [vi.spyOn(parts, '_write'), vi.spyOn(parts, '_writev')];
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  numbers.forEach(number => server.emit('news', number));
  server.emit('news', 'end');
  expect(await received).toEqual([...numbers, 'end']);
  // The first one, and then those that have waited for it.
  expect(writes.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThan(6);
});

it.each([[['websocket']], [['polling']], [['polling', 'websocket']]])(
  'broadcasts and other packets stay in order with %s',
  async transports => {
    await connect(transports);
    const received = untilEnd();
    const socket = [...server.of('/').sockets.values()][0]!;
    const expected: unknown[] = [];
    for (let round = 0; round < 20; round++) {
      server.emit('news', `all ${round}`);
      socket.emit('news', `one ${round}`);
      socket.emit('news', Buffer.from(`${round}`));
      expected.push(`all ${round}`, `one ${round}`, Buffer.from(`${round}`));
      if (round % 5 === 0) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    }
    server.emit('news', 'end');
    expect(await received).toEqual([...expected, 'end']);
  },
);

it('a broadcast arrives before the end of the connection that follows it', async () => {
  await connect(['websocket']);
  const received = untilEnd();
  const gone = once(client as never, 'disconnect');
  server.emit('news', 'first');
  server.emit('news', 'end');
  server.disconnectSockets(true);
  expect(await received).toEqual(['first', 'end']);
  await gone;
});
