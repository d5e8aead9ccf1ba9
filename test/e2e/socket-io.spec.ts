import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { Application } from '../support/application.js';

const sockets: Socket[] = [];

let app: Application;

beforeAll(async () => {
  app = await Application.ready('socket-io/main', { env: { CLUSTER_WORKERS: '3' } });
});

afterEach(async () => {
  sockets.splice(0).forEach(socket => socket.close());
  await Application.endAll(app);
});

afterAll(async () => {
  await Application.endAll();
});

type Options = Partial<ManagerOptions & SocketOptions>;

/** A client, and the worker that has its session. */
interface Client {
  readonly socket: Socket;
  readonly worker: number;
  /** Connection errors, and disconnects. */
  readonly faults: unknown[];
}

async function connect(options: Options = {}, to = app, protocol = 'http'): Promise<Client> {
  const socket = io(`${protocol}://127.0.0.1:${to.port}`, { forceNew: true, ...options });
  sockets.push(socket);
  const faults: unknown[] = [];
  socket.on('connect_error', error => faults.push(error.message));
  socket.on('disconnect', reason => faults.push(reason));
  const [worker] = (await once(socket as never, 'worker')) as [number];
  return { socket, worker, faults };
}

async function connectMany(count: number, options: Options = {}, to = app): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect(options, to)));
}

describe.each<[string, Options]>([
  ['the default transports', {}],
  ['long polling', { transports: ['polling'] }],
  ['WebSockets', { transports: ['websocket'] }],
])('sessions with %s', (_, options) => {
  it('reach their worker, whichever one accepts a connection', async () => {
    const clients = await connectMany(60, options);
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        clients.map(async ({ socket }, index) => {
          expect(await socket.timeout(5_000).emitWithAck('echo', `${round}:${index}`)).toBe(
            `${round}:${index}`,
          );
        }),
      );
    }
    expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
    expect(new Set(clients.map(({ worker }) => worker)).size).toBe(3);
  });
});
