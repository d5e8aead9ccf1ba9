import { once } from 'node:events';
import {
  type ClientRequest,
  get as httpGet,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { io, type Socket as IoSocket } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { Fixture } from '../fixtures/apps/long-lived/main.js';
import { Application } from '../support/application.js';
import { BareWebSocket } from '../support/bare-web-socket.js';
import { EventStream } from '../support/event-stream.js';
import { freePort } from '../support/free-port.mjs';
import { Http2Client } from '../support/http2-client.js';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(cleanups.splice(0).map(cleanUp => cleanUp()));
  await Application.endAll();
});

async function started(
  fixture: Fixture,
  env: Readonly<Record<string, string>> = {},
): Promise<Application> {
  return Application.ready('long-lived/main', {
    env: { CLUSTER_WORKERS: '1', FIXTURE: JSON.stringify(fixture), ...env },
  });
}

/** Makes one worker leave. The others continue to serve. */
function drain(pid: number): void {
  process.kill(pid, 'SIGTERM');
}

async function draining(app: Application, pid?: number): Promise<void> {
  await app.until(() => app.noted('drainSignal').some(note => note.pid === (pid ?? note.pid)));
}

/** Milliseconds that the worker waited for its connections. */
function waited(app: Application, pid?: number): number {
  const exits = app.of('workerExited').filter(exit => exit.pid === (pid ?? exit.pid));
  return exits[0]!.phases!.connections;
}

/** A raw connection that records all received data. */
class BareConnection {
  static async open(port: number, begin: string): Promise<BareConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(begin);
    return new BareConnection(socket);
  }

  heard = '';
  readonly closed: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => (this.heard += chunk.toString()));
    socket.on('error', () => {});
    this.closed = new Promise(resolve => socket.once('close', resolve));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await once(this.socket, 'data');
    }
  }
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

const PIECE = Buffer.alloc(100_000);

/** An upload that is sent piece by piece. It is chunked unless the headers have its length. */
class Upload {
  readonly #request: ClientRequest;
  readonly #answer: Promise<string>;

  constructor(url: string, headers: OutgoingHttpHeaders) {
    this.#request = httpRequest(url, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
    });
    this.#answer = once(this.#request, 'response').then(([response]) =>
      text(response as IncomingMessage),
    );
  }

  send(): void {
    this.#request.write(PIECE);
  }

  end(): Promise<string> {
    this.#request.end();
    return this.#answer;
  }
}

describe.each(['express', 'fastify'])('long-lived connections (%s)', adapter => {
  const fastify = adapter === 'fastify';

  it('event streams of a worker that leaves end cleanly and at once, those of the others go on', async () => {
    const app = await started({ fastify }, { CLUSTER_WORKERS: '2' });
    const streams = await Promise.all(
      ['/ticks', '/written', '/ticks', '/written', '/ticks', '/written'].map(async path => {
        // Accepts any type, as a client without `EventSource` does.
        const stream = await EventStream.open<{ pid: number }>(app.url(path), '*/*');
        return { stream, pid: (await stream.next())!.pid };
      }),
    );
    const leaver = streams[0]!.pid;
    const late = ['/ticks?ms=600', '/written?ms=600', '/ticks?ms=600', '/written?ms=600'].map(
      path => EventStream.open<{ pid: number }>(app.url(path)),
    );
    await app.until(() => app.noted('asked').length === streams.length + late.length);
    drain(leaver);

    for (const { stream, pid } of streams) {
      await (pid === leaver ? stream.ended() : stream.next());
    }
    for (const stream of await Promise.all(late)) {
      if ((await stream.next())?.pid === leaver) {
        await stream.ended();
      }
    }
    await app.until(() => app.count('workerExited') === 1);
    expect(waited(app, leaver)).toBeLessThan(3_000);
    // A stream that has not sent an event yet.
    const quiet = EventStream.open(app.url('/quiet'));
    await app.until(() => app.noted('asked').some(({ path }) => path === 'quiet'));
    app.signal('SIGTERM');
    await (await quiet).ended();
    await Promise.all(streams.map(({ stream }) => stream.ended()));
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.stderr).not.toContain('ERR_');
  });

  it('transfers in progress come to their end', async () => {
    const app = await started({ fastify }, { CLUSTER_SHUTDOWN_TIMEOUT: '5000' });
    const pieces = 10;
    const sizes = [{ 'content-length': String(pieces * PIECE.length) }, {}];
    const uploads = sizes.map(headers => new Upload(app.url('/upload'), headers));
    uploads.forEach(upload => upload.send());
    const request = httpGet(app.url('/download?chunks=300'), { agent: false });
    const [download] = (await once(request, 'response')) as [IncomingMessage];
    download.pause();
    await app.until(() => app.noted('uploading').length === uploads.length);
    app.signal('SIGTERM');
    await draining(app);
    // In total, this takes longer than a transfer may stall.
    for (let sent = 1; sent < pieces; sent++) {
      await delay(150);
      uploads.forEach(upload => upload.send());
    }
    for (const upload of uploads) {
      expect(await upload.end()).toBe(String(pieces * PIECE.length));
    }
    expect(await text(download)).toHaveLength(300 * 64 * 1024);
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }]);
  });

  it('requests that were sent ahead are answered, or not begun', async () => {
    const app = await started({ fastify });
    const before = await BareConnection.open(
      app.port,
      [1, 2, 3].map(step => get(`/step/${step}?ms=${900 - step * 200}`)).join(''),
    );
    const during = await BareConnection.open(app.port, get('/worker'));
    const late = await BareConnection.open(app.port, get('/worker'));
    await during.until(() => during.heard.includes('200 OK'));
    await late.until(() => late.heard.includes('200 OK'));
    await app.until(() => app.noted('step').length === 3);
    app.signal('SIGTERM');
    await draining(app);
    during.socket.write([4, 5, 6].map(step => get(`/step/${step}?ms=100`)).join(''));
    // The head of this response says that the connection closes. A request that is sent after it must not be begun.
    late.socket.write(get('/slowly?ms=500'));
    await late.until(() => late.heard.includes('begin'));
    late.socket.write(get('/step/7'));

    await Promise.all([before.closed, during.closed, late.closed]);
    expect(before.heard).toMatch(/step 1;.*step 2;.*step 3;$/s);
    expect(before.heard.match(/connection: close/gi)).toHaveLength(1);
    expect(before.heard).toMatch(/connection: close.*step 3;$/is);
    expect(during.heard).toMatch(/step 4;.*step 5;.*step 6;$/s);
    expect(during.heard.match(/connection: close/gi)).toHaveLength(1);
    expect(during.heard).toMatch(/step 5;.*connection: close.*step 6;$/is);
    expect(late.heard).toMatch(/connection: close.*beginended$/is);
    expect(app.noted('step').map(({ number }) => number)).not.toContain('7');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }]);
  });

  it('incomplete requests are waited for as long as they make progress', async () => {
    const app = await started({ fastify }, { CLUSTER_SHUTDOWN_TIMEOUT: '6000' });
    const half = 'GET /worker HTTP/1.1\r\nHost: loc';
    const used = await BareConnection.open(app.port, get('/worker'));
    await used.until(() => used.heard.includes('200 OK'));
    used.socket.write(half);
    used.heard = '';
    const stuck = [
      used,
      await BareConnection.open(app.port, half),
      await BareConnection.open(
        app.port,
        'POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: 100\r\n\r\nbegin',
      ),
    ];
    const slow = await BareConnection.open(app.port, half);
    await app.until(() => app.noted('uploading').length === 1);
    app.signal('SIGTERM');
    await draining(app);
    for (const letter of 'alhost\r\n\r\n') {
      await delay(150);
      slow.socket.write(letter);
    }
    await slow.closed;
    expect(slow.heard).toMatch(/^HTTP\/1.1 200 OK.*connection: close/is);
    await Promise.all(stuck.map(({ closed }) => closed));
    for (const { heard } of stuck) {
      expect(heard).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
    }
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(waited(app)).toBeLessThan(3_500);
  });

  it('WebSockets of a worker that leaves are closed over the window, and told to reconnect', async () => {
    const app = await started({ fastify, sockets: 'ws' }, { CLUSTER_WORKERS: '2' });
    const sockets = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.port}/`);
        const [message] = (await once(socket, 'message')) as [Buffer];
        const { pid } = JSON.parse(message.toString()) as { pid: number };
        const closed = once(socket, 'close').then(([code]) => ({
          code: code as number,
          at: Date.now(),
        }));
        return { socket, pid, closed };
      }),
    );
    // On a busy machine, one worker may have many more sockets than the other.
    const [staying = [], leaving = []] = app
      .of('workerReady')
      .map(({ pid }) => sockets.filter(socket => socket.pid === pid))
      .toSorted((one, other) => one.length - other.length);
    const leaver = leaving[0]!.pid;
    drain(leaver);
    const closed = await Promise.all(leaving.map(socket => socket.closed));
    await app.until(() => app.count('workerExited') === 1);

    expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([1012]));
    const times = closed.map(({ at }) => at).toSorted((one, other) => one - other);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(700);
    // The sockets are closed over the whole window, not in two bursts.
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeLessThan(500);
    expect(waited(app, leaver)).toBeLessThan(2_500);
    // The clients completed the close handshake. No connection was cut.
    expect(app.noted('left').map(({ code }) => code)).toEqual(leaving.map(() => 1012));

    expect(staying.every(({ socket }) => socket.readyState === WebSocket.OPEN)).toBe(true);
    app.signal('SIGTERM');
    const others = await Promise.all(staying.map(socket => socket.closed));
    expect(new Set(others.map(({ code }) => code))).toEqual(new Set([1012]));
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it('clients of Socket.IO come back to another worker by themselves', async () => {
    // Polling needs the same worker for each request, which only a single worker guarantees.
    const app = await started({ fastify, sockets: 'socket.io' });
    const clients = await Promise.all(
      ['websocket', 'polling', 'websocket', 'polling'].map(async transport => {
        const client = io(`http://127.0.0.1:${app.port}/chat`, {
          transports: [transport],
          forceNew: true,
          reconnectionDelay: 50,
          reconnectionDelayMax: 100,
        });
        cleanups.push(() => hangUp(client));
        return { client, before: await workerOf(client) };
      }),
    );
    const leaver = clients[0]!.before;
    const reasons = clients.map(async ({ client }) => {
      const [reason] = (await once(client as never, 'disconnect')) as [string];
      return reason;
    });
    const after = clients.map(({ client }) => workerOf(client));
    drain(leaver);
    await app.until(() => app.count('workerExited') === 1);
    expect(await Promise.all(reasons)).toEqual(clients.map(() => 'transport close'));
    for (const pid of await Promise.all(after)) {
      expect(pid).not.toBe(leaver);
    }
    expect(waited(app, leaver)).toBeLessThan(2_500);
  });
});

describe('WebSockets', () => {
  it('are all closed at once with a window of 0; a client that does not answer is disconnected after a second', async () => {
    const socketPort = await freePort();
    const app = await started(
      { sockets: 'ws', socketPort },
      { CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW: '0' },
    );
    // A gateway with its own port drains like any other.
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => BareWebSocket.open(socketPort)),
    );
    app.signal('SIGTERM');
    await Promise.all(sockets.map(({ closed }) => closed));
    expect(new Set(sockets.map(({ code }) => code))).toEqual(new Set([1012]));
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(waited(app)).toBeGreaterThan(900);
    expect(waited(app)).toBeLessThan(1_900);
  });

  it('leave within the budget, however long the window is', async () => {
    const app = await started(
      { fastify: true, sockets: 'ws' },
      { CLUSTER_SHUTDOWN_WEB_SOCKET_WINDOW: '60000', CLUSTER_SHUTDOWN_TIMEOUT: '2500' },
    );
    const sockets = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.port}/`);
        await once(socket, 'message');
        return socket;
      }),
    );
    const closed = sockets.map(socket => once(socket, 'close'));
    app.signal('SIGTERM');
    const codes = (await Promise.all(closed)).map(([code]) => code as number);
    expect(new Set(codes)).toEqual(new Set([1012]));
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it.each([
    ['ws', '', { sockets: 'ws' }],
    ['ws, compressed', 'permessage-deflate', { sockets: 'ws', deflate: true, fastify: true }],
    ['Socket.IO', '', { sockets: 'socket.io' }],
  ] as const)(
    'get what is being sent in whole, and nothing after the close frame (%s)',
    async (_, extensions, fixture) => {
      const socketPort = await freePort();
      const app = await started({ ...fixture, socketPort });
      const isSocketIo = fixture.sockets === 'socket.io';
      const clients = await Promise.all(
        Array.from({ length: 3 }, async () => {
          const client = await BareWebSocket.open(
            socketPort,
            isSocketIo ? '/socket.io/?EIO=4&transport=websocket' : '/',
            extensions && `Sec-WebSocket-Extensions: ${extensions}\r\n`,
          );
          if (isSocketIo) {
            client.send('40/chat,');
            await client.until(() =>
              client.frames.some(({ payload }) => payload.includes('worker')),
            );
          }
          client.send(isSocketIo ? '42/chat,["talk"]' : '{"event":"talk"}');
          await client.until(() => client.frames.length > 5);
          return client;
        }),
      );
      app.signal('SIGTERM');
      await Promise.all(clients.map(({ closed }) => closed));
      for (const client of clients) {
        expect(client.code).toBe(1012);
        expect(client.frames.at(-1)?.opcode).toBe(8);
        expect(client.frames.slice(0, -1).every(({ opcode }) => opcode < 3)).toBe(true);
        expect(client.unfinished).toBe(0);
      }
      expect(await app.exited).toEqual({ code: 0, signal: null });
    },
  );
});

/** Nest 11 sends a header with server-sent events that HTTP/2 does not allow. */
const WARNING_OF_NEST_11 =
  /\(node:\d+\) UnsupportedWarning: The provided connection header is not valid.*\n\(Use .*\n/;

describe.each([{ http2: true }, { http2: true, https: true }])('HTTP/2 (%j)', fixture => {
  it('a session of a worker that leaves finishes its streams, and the next session reaches another worker', async () => {
    const app = await started({ ...fixture, fastify: true }, { CLUSTER_WORKERS: '2' });
    const url = `${fixture.https ? 'https' : 'http'}://127.0.0.1:${app.port}`;
    const open = async (): Promise<Http2Client> => {
      const client = await Http2Client.open(url);
      cleanups.push(() => client.destroy());
      return client;
    };
    const client = await open();
    const leaver = Number((await client.ask('/worker')).body);
    const slow = client.ask('/step/1?ms=1000');
    const late = client.watch('/ticks?ms=500');
    const streams: Promise<string>[] = [];
    for (const path of ['/ticks', '/written']) {
      await new Promise<void>(begun => {
        streams.push(client.watch(path, () => begun()));
      });
    }
    const streamEnds = Promise.all(streams).then(() => Date.now());
    drain(leaver);
    await client.goneAway;
    const next = await open();
    expect(Number((await next.ask('/worker')).body)).not.toBe(leaver);
    await streamEnds;
    await late;
    expect(await slow).toEqual({ body: 'step 1;' });
    await client.closed;
    await app.until(() => app.count('workerExited') === 1);
    expect(waited(app, leaver)).toBeLessThan(3_000);
    expect(client.errors).toEqual([]);
    expect(app.stderr.replace(WARNING_OF_NEST_11, '')).toBe('');
  });
});

describe('HTTP/2', () => {
  it('requests of sessions whose worker leaves are answered, or refused without being processed', async () => {
    const app = await started({ http2: true, fastify: true });
    let answered = 0;
    let refused = 0;
    const failed: unknown[] = [];
    const over = new AbortController();
    const asking = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) {
        const client = await Http2Client.open(app.url(''));
        while (client.isOpen && !over.signal.aborted) {
          const answers = await Promise.all([1, 2, 3].map(step => client.ask(`/step/${step}`)));
          for (const answer of answers) {
            if (answer.body !== undefined) {
              answered++;
            } else if (answer.refused) {
              refused++;
            } else {
              failed.push(answer);
            }
          }
        }
        failed.push(...client.errors);
        client.destroy();
      }
    });
    await app.until(() => answered > 100);
    drain(app.of('workerReady')[0]!.pid);
    await app.until(() => app.count('workerExited') === 1);
    const before = answered;
    await app.until(() => answered > before + 100);
    over.abort();
    await Promise.all(asking);
    expect(failed).toEqual([]);
    // Only requests that were in flight when their session ended may be refused.
    expect(refused).toBeLessThanOrEqual(8 * 3);
    expect(app.noted('destroyed')).toMatchObject([{ inFlight: 0 }]);
  });
});

/** Closes a client before its application ends, so that the client ends the connection. */
async function hangUp(client: IoSocket): Promise<void> {
  const closed = new Promise<void>(resolve => client.io.engine.once('close', () => resolve()));
  client.close();
  await closed;
}

async function workerOf(client: IoSocket): Promise<number> {
  const [pid] = (await once(client as never, 'worker')) as [number];
  return pid;
}
