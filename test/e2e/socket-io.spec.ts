import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { Agent, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { AlternatingBalancer } from '../support/alternating-balancer.js';
import { Application } from '../support/application.js';
import { oneOffCommand } from '../support/redis/one-off-command.js';
import { closeBrowsers } from '../support/browser.js';
import { SocketPage } from '../support/socket-io/socket-page.js';

/** Sessions of each kind of transport. `npm run verify:sockets` sets this. */
const SESSIONS = Number(process.env['IO_SESSIONS'] ?? 100);

/** Workers of the shared application. */
const WORKERS = Number(process.env['IO_WORKERS'] ?? 3);

/** Milliseconds for all sessions of one kind. */
const SESSIONS_TIMEOUT = 30_000 + SESSIONS * 60;

/** Sessions of each kind of transport in Chromium, which needs more time for them. */
const BROWSER_SESSIONS = Number(process.env['IO_SESSIONS'] ?? 32);
const BROWSER_TIMEOUT = 30_000 + BROWSER_SESSIONS * 200;

/** Sessions at a time. */
const CONCURRENCY = 25;

/** Pages of Chromium, each with connections of its own. */
const BROWSER_PAGES = 4;

/** Sessions at a time in each page. Chromium opens six connections, of which each waiting poll has one. */
const LANES = 4;

const sockets: Socket[] = [];

let app: Application;
/** Hosts that know each other. */
let hosts: readonly Application[] = [];
/** The directory for temporary files of the applications. */
let temporary: string;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'io-'));
  app = await Application.ready('socket-io/main', {
    env: { CLUSTER_WORKERS: String(WORKERS), TMPDIR: temporary, CLUSTER_CONTROL: 'false' },
  });
});

afterEach(async () => {
  sockets.splice(0).forEach(socket => socket.close());
  await closeBrowsers();
  await Application.endAll(app, ...hosts);
});

afterAll(async () => {
  await Application.endAll();
  await rm(temporary, { recursive: true });
});

function started(): Promise<Application> {
  return Application.ready('socket-io/main', {
    env: { CLUSTER_WORKERS: '2', TMPDIR: temporary, CLUSTER_CONTROL: 'false' },
  });
}

type Options = Partial<ManagerOptions & SocketOptions>;

/** A client, and the worker that has its session. */
interface Client {
  readonly socket: Socket;
  readonly worker: number;
  /** Connection errors, and disconnects. */
  readonly faults: unknown[];
}

async function connect(
  options: Options = {},
  to: { readonly port: number } = app,
  protocol = 'http',
): Promise<Client> {
  const socket = io(`${protocol}://127.0.0.1:${to.port}`, { forceNew: true, ...options });
  sockets.push(socket);
  const faults: unknown[] = [];
  socket.on('connect_error', error => faults.push(error.message));
  socket.on('disconnect', reason => faults.push(reason));
  const [worker] = (await once(socket as never, 'worker')) as [number];
  return { socket, worker, faults };
}

async function connectMany(
  count: number,
  options: Options = {},
  to: { readonly port: number } = app,
): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect(options, to)));
}

function idOf({ io: { engine } }: Socket): string {
  return (engine as unknown as { id: string }).id;
}

async function upgraded({ io: { engine } }: Socket): Promise<void> {
  if (engine.transport.name !== 'websocket') {
    await once(engine as never, 'upgrade');
  }
}

/** A request that Engine.IO has handled in a worker. */
interface Handled {
  readonly address: string;
  readonly headers: readonly string[];
  readonly isForwarded: boolean;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The port of the client. */
  readonly port: number | undefined;
}

async function fetchText(agent: Agent, path: string, headers = {}): Promise<Answer> {
  const request = get(app.url(path), { agent, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const port = response.socket.localPort;
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await text(response),
    port,
  };
}

/** Writes the parts one after the other, each in a packet of its own, and resolves with all that was answered. */
async function writeParts(parts: readonly string[]): Promise<string> {
  const socket = connectTcp({ host: '127.0.0.1', port: app.port, noDelay: true });
  const answered = text(socket);
  for (const part of parts) {
    socket.write(part);
    await delay(50);
  }
  return answered;
}

describe.each<[string, Options]>([
  ['the default transports', {}],
  ['long polling', { transports: ['polling'] }],
  ['WebSockets', { transports: ['websocket'] }],
])('sessions with %s', (_, options) => {
  it(
    'reach their worker, whichever one accepts a connection',
    async () => {
      const workers = new Set<number>();
      const faults: unknown[] = [];
      let begun = 0;
      const lane = async (): Promise<void> => {
        while (begun++ < SESSIONS) {
          const client = await connect(options);
          workers.add(client.worker);
          for (let round = 0; round < 3; round++) {
            expect(await client.socket.timeout(10_000).emitWithAck('echo', round)).toBe(round);
          }
          faults.push(...client.faults);
          client.socket.close();
        }
      };
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const before = await fetchText(agent, '/worker');
      await Promise.all(Array.from({ length: CONCURRENCY }, lane));
      const after = await fetchText(agent, '/worker');
      agent.destroy();
      expect(faults).toEqual([]);
      expect(workers.size).toBe(WORKERS);
      expect([before.headers.connection, after.headers.connection]).toEqual([
        'keep-alive',
        'keep-alive',
      ]);
    },
    SESSIONS_TIMEOUT,
  );
});

describe.each<[string, { transports?: string[] }]>([
  ['the default transports', {}],
  ['long polling', { transports: ['polling'] }],
])('sessions of Chromium with %s', (_, options) => {
  it(
    'reach their worker, and leave the connections of plain HTTP open',
    async () => {
      const pages = await SocketPage.openMany(BROWSER_PAGES, app.url('/worker'));
      const share = Math.ceil(BROWSER_SESSIONS / BROWSER_PAGES);
      const results = await Promise.all(
        pages.map(async page => {
          const seen = await page.run(share, LANES, options);
          // At once: Node closes connections that are idle for five seconds.
          return { ...seen, opened: await page.newConnections('/worker', 10) };
        }),
      );
      expect(results.flatMap(({ faults }) => faults)).toEqual([]);
      expect(results.map(({ sessions }) => sessions)).toEqual(results.map(() => share));
      expect(new Set(results.flatMap(({ workers }) => workers)).size).toBe(WORKERS);
      const transport = options.transports ? 'polling' : 'websocket';
      expect(new Set(results.flatMap(({ transports }) => transports))).toEqual(
        new Set([transport]),
      );
      expect(results.map(({ opened }) => opened)).toEqual(results.map(() => 0));
    },
    BROWSER_TIMEOUT,
  );
});

describe('a forwarded request', () => {
  it('has the address of the client, and no header of this package', async () => {
    const clients = await connectMany(6, {
      transports: ['polling'],
      extraHeaders: { 'x-nestjs-cluster-sender': 'forged', 'x-own': 'kept' },
    });
    for (const { socket } of clients) {
      expect(await socket.timeout(5_000).emitWithAck('address')).toEqual({
        handshake: expect.stringContaining('127.0.0.1'),
        secure: false,
        request: expect.stringContaining('127.0.0.1'),
      });
    }
    const requests = app.noted('handled') as unknown as readonly Handled[];
    expect(requests.filter(({ isForwarded }) => isForwarded).length).toBeGreaterThan(0);
    for (const { address, headers, isForwarded } of requests) {
      expect(address).toContain('127.0.0.1');
      expect(headers).toContain('x-own');
      expect(headers.includes('x-nestjs-cluster-sender')).toBe(!isForwarded);
    }
  });

  it('gets the headers of the application, over a connection that is kept alive', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { socket } = await connect({ transports: ['polling'] });
    const before = await fetchText(agent, '/worker');
    const path = `/socket.io/?EIO=4&transport=polling&sid=${idOf(socket)}x`;
    const answer = await fetchText(agent, path);
    expect(answer.status).toBe(400);
    const after = await fetchText(agent, '/worker');
    expect(after.port).toBe(before.port);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': 'https://example.com' });
    expect(answer.headers.connection).toBe('keep-alive');
    agent.destroy();
  });

  it('moves its connection to the owner of the session, once', async () => {
    const sessions = new Map<number, string>();
    while (sessions.size < WORKERS) {
      const { socket, worker } = await connect({ transports: ['polling'] });
      sessions.set(worker, idOf(socket));
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await fetchText(agent, '/worker');
    const [first, second] = [...sessions].filter(([worker]) => `${worker}` !== before.body);
    for (const [, id] of [first!, second!]) {
      const answer = await fetchText(agent, `/socket.io/?EIO=4&transport=polling&sid=${id}x`);
      expect([answer.status, answer.port]).toEqual([400, before.port]);
      const after = await fetchText(agent, '/worker');
      expect([after.body, after.port]).toEqual([`${first![0]}`, before.port]);
    }
    agent.destroy();
  });
});

describe.each(['X-Forwarded-For', 'Forwarded', 'Via'])('a request with the header %s', header => {
  it('does not move the connection, which a proxy uses for other clients, too', async () => {
    const sessions = new Map<number, string>();
    while (sessions.size < 2) {
      const { socket, worker } = await connect({ transports: ['polling'] });
      sessions.set(worker, idOf(socket));
    }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await fetchText(agent, '/worker');
    for (const id of sessions.values()) {
      const path = `/socket.io/?EIO=4&transport=polling&sid=${id}x`;
      const answer = await fetchText(agent, path, { [header]: 'x' });
      expect([answer.status, answer.port]).toEqual([400, before.port]);
      const after = await fetchText(agent, '/worker');
      expect([after.body, after.port]).toEqual([before.body, before.port]);
    }
    agent.destroy();
  });
});

describe('what a client has sent behind a request for another worker', () => {
  const next = 'GET /worker HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

  it.each<[string, (first: string) => string[]]>([
    ['in one piece', first => [first + next]],
    ['with one byte of it', first => [first + next.slice(0, 1), next.slice(1)]],
    ['with half of it', first => [first + next.slice(0, 20), next.slice(20)]],
    ['with all but its last byte', first => [first + next.slice(0, -1), next.slice(-1)]],
    ['in pieces', first => [first.slice(0, -1), first.slice(-1) + next.slice(0, 9), next.slice(9)]],
  ])('is answered, %s', async (_, parts) => {
    const { socket } = await connect({ transports: ['polling'] });
    const path = `/socket.io/?EIO=4&transport=polling&sid=${idOf(socket)}`;
    const room = randomUUID();
    await socket.emitWithAck('join', room);
    const message = `42${JSON.stringify(['shout', { room, value: 'x' }])}`;
    const requests = [
      ['400', `GET ${path}x HTTP/1.1\r\nHost: x\r\n\r\n`],
      [
        '200',
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: ${message.length}\r\n\r\n${message}`,
      ],
    ] as const;
    for (const [status, request] of requests) {
      // Some connections reach the owner itself.
      for (let attempt = 0; attempt < 2 * WORKERS; attempt++) {
        const shouted = status === '200' && once(socket as never, 'shouted');
        const statuses = (await writeParts(parts(request))).match(/(?<=HTTP\/1.1 )\d+/g);
        expect([request, statuses]).toEqual([request, [status, '200']]);
        expect(await shouted).toEqual(status === '200' && ['x']);
      }
    }
  });
});

describe('a session id', () => {
  it('that names nobody is unknown', async () => {
    const { socket } = await connect();
    const [host, worker] = idOf(socket).split('.') as [string, string];
    const ids = [
      'x',
      `${host}.99.aaaaaaaaaaaaaaaaaaaa`,
      `${host}.${worker}.aaaaaaaaaaaaaaaaaaaa`,
      `000000000000.${worker}.aaaaaaaaaaaaaaaaaaaa`,
      `${host}.../../../etc/passwd.a`,
      `${host}.${worker}%00.a`,
      `${host}.1e3.a`,
      `${host}.-1.a`,
      `${host}.${worker}.`,
      'constructor',
      `${host}.${worker}.__proto__`,
    ];
    for (const id of ids) {
      for (let attempt = 0; attempt < 4; attempt++) {
        const url = app.url(`/socket.io/?EIO=4&transport=polling&sid=${encodeURIComponent(id)}`);
        const response = await fetch(url);
        expect({ id, status: response.status, body: await response.text() }).toEqual({
          id,
          status: 400,
          body: '{"code":1,"message":"Session ID unknown"}',
        });
      }
    }
  });
});

describe('a private socket', () => {
  it('can be used by the user of the host only, and is removed with its worker', async () => {
    const directory = (await readdir(temporary)).filter(name => name.startsWith('nestjs-cluster-'));
    expect(directory).toHaveLength(1);
    const path = join(temporary, directory[0]!);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    const files = await readdir(path);
    expect(files).toHaveLength(WORKERS);
    for (const file of files) {
      const { mode } = await stat(join(path, file));
      expect(mode & 0o777).toBe(0o600);
      expect(Buffer.byteLength(join(path, file))).toBeLessThan(104);
    }
    const status = app.of('workerListening').map(({ address }) => address.address);
    expect(status.filter(address => address?.includes('.sock'))).toEqual([]);
  });
});

describe('when a worker ends', () => {
  it('its sessions are unknown at once, and its private socket is removed', async () => {
    const host = await started();
    const clients = await connectMany(8, { transports: ['polling'] }, host);
    const victim = clients[0]!.worker;
    const gone = clients.filter(({ worker }) => worker === victim);
    const begunAt = performance.now();
    process.kill(victim, 'SIGKILL');
    await Promise.all(gone.map(({ socket }) => once(socket as never, 'worker')));
    expect(performance.now() - begunAt).toBeLessThan(8_000);
    for (const { faults, worker } of clients) {
      // A poll that the killed worker had accepted ends with it, whosever session it is.
      expect(faults.length).toBeLessThanOrEqual(worker === victim ? 3 : 1);
    }
    await host.until(() => host.count('workerReady') === 3);
    host.signal('SIGTERM');
    expect(await host.exited).toEqual({ code: 0, signal: null });
    for (const { phases } of host.of('workerExited')) {
      // Sessions whose clients are gone do not delay the stop until they would time out.
      expect(phases?.connections ?? 0).toBeLessThan(5_000);
    }
    expect((await readdir(temporary)).length).toBe(1);
  });

  it.each<[string, Options]>([
    ['long polling', { transports: ['polling'] }],
    ['the default transports', {}],
  ])('sessions of others go on (%s)', async (_, options) => {
    const host = await started();
    const clients: Client[] = [];
    for (let group = 0; group < 4; group++) {
      // Of more connections at once, a slow machine does not move all: they end with the worker that accepted them.
      const some = await connectMany(5, options, host);
      if (options.transports === undefined) {
        await Promise.all(some.map(({ socket }) => upgraded(socket)));
      }
      clients.push(...some);
    }
    const leaver = clients[0]!.worker;
    const own = clients.filter(({ worker }) => worker === leaver);
    const others = clients.filter(({ worker }) => worker !== leaver);
    const back = own.map(({ socket }) => once(socket as never, 'worker'));
    process.kill(leaver, 'SIGTERM');
    await Promise.all(back);
    await host.until(() => host.count('workerExited') === 1);
    await Promise.all(
      clients.map(async ({ socket }) => {
        if (!socket.connected) {
          await once(socket as never, 'connect');
        }
        expect(await socket.timeout(5_000).emitWithAck('echo', 'x')).toBe('x');
      }),
    );
    expect(own.map(({ faults }) => faults)).toEqual(own.map(() => ['transport close']));
    expect(others.map(({ faults }) => faults)).toEqual(others.map(() => []));
    expect(host.of('workerExited')[0]!.phases!.connections).toBeLessThan(8_000);
    expect(host.stderr).toBe('');
  });
});

describe('rooms', () => {
  it('have members in all workers', async () => {
    const clients = await connectMany(9);
    expect(new Set(clients.map(({ worker }) => worker)).size).toBeGreaterThan(1);
    await joinRoom(clients, 'all');
    await joinRoom(clients.slice(0, 4), 'some');
    const ids = clients.map(({ socket }) => socket.id!);
    for (const { socket } of clients) {
      const members = await socket.timeout(5_000).emitWithAck('members', 'all');
      expect((members as string[]).toSorted()).toEqual(ids.toSorted());
    }
    const value = { text: 'x', bytes: Buffer.from([0, 255]), list: [Buffer.from('y')] };
    const heard = clients.slice(0, 4).map(({ socket }) => once(socket as never, 'shouted'));
    const others = clients.slice(4).map(({ socket }) => counting(socket, 'shouted'));
    await clients[8]!.socket.timeout(5_000).emitWithAck('shout', { room: 'some', value });
    for (const [received] of await Promise.all(heard)) {
      expect(received).toEqual(value);
    }
    expect(others.map(count => count())).toEqual(others.map(() => 0));
  });

  it('all workers answer serverSideEmit()', async () => {
    const { socket, worker } = await connect();
    const answers = (await socket.timeout(5_000).emitWithAck('ask', 'how')) as { pid: number }[];
    const others = app.of('workerReady').filter(({ pid }) => pid !== worker);
    expect(new Set(answers.map(({ pid }) => pid))).toEqual(new Set(others.map(({ pid }) => pid)));
    expect(answers).toHaveLength(2);
  });

  it('are correct at once when a worker was killed, and when its replacement is ready', async () => {
    const host = await started();
    const clients = await connectMany(8, { transports: ['websocket'], reconnection: false }, host);
    await joinRoom(clients, 'all');
    const victim = clients[0]!.worker;
    const left = clients.filter(({ worker }) => worker !== victim);
    expect(left.length).toBeGreaterThan(0);
    const gone = host.until(() => host.count('workerExited') === 1);
    process.kill(victim, 'SIGKILL');
    await gone;
    const askedAt = performance.now();
    const members = await left[0]!.socket.timeout(5_000).emitWithAck('members', 'all');
    expect(performance.now() - askedAt).toBeLessThan(300);
    const ids = left.map(({ socket }) => socket.id!);
    expect((members as string[]).toSorted()).toEqual(ids.toSorted());
    await host.until(() => host.count('workerReady') === 3);
    const replacement = host.of('workerReady').at(-1)!.pid;
    let late = await connect({}, host);
    while (late.worker !== replacement) {
      late = await connect({}, host);
    }
    const found = await late.socket.timeout(5_000).emitWithAck('members', 'all');
    expect((found as string[]).toSorted()).toEqual(ids.toSorted());
  });
});

async function joinRoom(clients: readonly Client[], room: string): Promise<void> {
  await Promise.all(
    clients.map(({ socket }) => socket.timeout(5_000).emitWithAck('join', room) as Promise<string>),
  );
}

/** Counts the events that a client receives. */
function counting(socket: Socket, event: string): () => number {
  let count = 0;
  socket.on(event, () => count++);
  return () => count;
}

it('sessions reach their worker over HTTPS, on Fastify, with a spare that takes the place of a killed worker', async () => {
  const host = await Application.ready('socket-io/main', {
    env: {
      FIXTURE: JSON.stringify({ https: true, fastify: true }),
      CLUSTER_WORKERS: '2',
      CLUSTER_SPARE: '1',
      TMPDIR: temporary,
    },
  });
  await host.until(() => host.count('workerStandby') === 1);
  const spare = host.of('workerStandby')[0]!.pid;
  const options = { transports: ['polling'], rejectUnauthorized: false };
  process.kill(host.of('workerReady')[0]!.pid, 'SIGKILL');
  await host.until(() => host.of('workerReady').some(({ pid }) => pid === spare));
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => connect(options, host, 'https')),
  );
  expect(new Set(clients.map(({ worker }) => worker))).toContain(spare);
  for (const { socket, faults } of clients) {
    expect(await socket.timeout(5_000).emitWithAck('address')).toMatchObject({
      secure: true,
      handshake: expect.stringContaining('127.0.0.1'),
    });
    expect(faults).toEqual([]);
  }
});

/** Exchanges some messages with each client. */
async function echo(clients: readonly Client[]): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await Promise.all(
      clients.map(async ({ socket }) =>
        expect(await socket.timeout(10_000).emitWithAck('echo', round)).toBe(round),
      ),
    );
  }
}

describe('two hosts behind a load balancer that knows no sessions', () => {
  const namespace = randomUUID();
  let balancer: AlternatingBalancer;

  /** The servers that are in Redis, as `<host> <name>`. */
  async function announced(): Promise<string[]> {
    const port = Number(new URL(process.env['TEST_REDIS_URL']!).port);
    const pattern = `*${namespace}*$nestjs-cluster.socket.io`;
    const keys = (await oneOffCommand(port, ['KEYS', pattern])) as string[];
    // Another key has the times at which the fields expire.
    const maps = keys.filter(key => !key.includes('~'));
    const fields = maps.map(key => oneOffCommand(port, ['HKEYS', key]) as Promise<string[]>);
    return (await Promise.all(fields)).flat();
  }

  beforeAll(async () => {
    const env = {
      FIXTURE: JSON.stringify({ forwardBetweenHosts: { address: '127.0.0.1' } }),
      CLUSTER_REDIS_URL: process.env['TEST_REDIS_URL']!,
      CLUSTER_NAMESPACE: namespace,
      CLUSTER_WORKERS: '2',
      TMPDIR: temporary,
      CLUSTER_CONTROL: 'false',
    };
    hosts = await Promise.all([0, 1].map(() => Application.ready('socket-io/main', { env })));
    balancer = await AlternatingBalancer.start(hosts.map(({ port }) => port));
  });

  afterAll(() => balancer.close());

  it.each<[string, Options]>([
    ['the default transports', {}],
    ['long polling', { transports: ['polling'] }],
    ['WebSockets', { transports: ['websocket'] }],
  ])('sessions reach their host with %s', async (_, options) => {
    const workers = new Set<number>();
    for (let wave = 0; wave < 4; wave++) {
      const clients = await connectMany(10, options, balancer);
      if (options.transports === undefined) {
        await Promise.all(clients.map(({ socket }) => upgraded(socket)));
      }
      await echo(clients);
      clients.forEach(({ worker }) => workers.add(worker));
      expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
      clients.forEach(({ socket }) => socket.close());
    }
    expect(workers.size).toBe(4);
  });

  it('a request that another host forwards has the address of its client, and no header of this package', async () => {
    const extraHeaders = { 'x-nestjs-cluster-ticket': 'forged', 'x-own': 'kept' };
    const clients = await connectMany(8, { transports: ['polling'], extraHeaders }, balancer);
    await echo(clients);
    const requests = hosts.flatMap(host => host.noted('handled')) as unknown as readonly Handled[];
    expect(requests.filter(({ isForwarded }) => isForwarded).length).toBeGreaterThan(0);
    for (const { address, headers } of requests) {
      expect(address).toContain('127.0.0.1');
      expect(headers).toContain('x-own');
      expect(headers).not.toContain('x-nestjs-cluster-ticket');
    }
  });

  it('a session id that names a worker or a host that does not exist is unknown', async () => {
    const { socket } = await connect({ transports: ['polling'] }, balancer);
    const [host, worker] = idOf(socket).split('.') as [string, string];
    const ids = [
      `${host}.99.aaaaaaaaaaaaaaaaaaaa`,
      `${host}.${worker}.aaaaaaaaaaaaaaaaaaaa`,
      `000000000000.${worker}.aaaaaaaaaaaaaaaaaaaa`,
    ];
    for (const id of ids) {
      for (let attempt = 0; attempt < 4; attempt++) {
        const url = `http://127.0.0.1:${balancer.port}/socket.io/?EIO=4&transport=polling&sid=${id}`;
        const response = await fetch(url);
        expect([id, response.status, await response.text()]).toEqual([
          id,
          400,
          '{"code":1,"message":"Session ID unknown"}',
        ]);
      }
    }
  });

  it('sessions of one host go on while the workers of the other one are replaced', async () => {
    const [one, other] = hosts as [Application, Application];
    const clients = await connectMany(24, { transports: ['polling'] }, balancer);
    const pids = new Set(other.of('workerReady').map(({ pid }) => pid));
    const own = clients.filter(({ worker }) => pids.has(worker));
    const others = clients.filter(({ worker }) => !pids.has(worker));
    expect(Math.min(own.length, others.length)).toBeGreaterThan(0);
    const before = other.count('workerExited');
    const isReplaced = (): boolean => other.count('workerExited') === before + 2;
    other.signal('SIGHUP');
    while (!isReplaced()) {
      await echo(others);
    }
    expect(others.flatMap(({ faults }) => faults)).toEqual([]);
    await Promise.all(
      own
        .filter(({ socket }) => !socket.connected)
        .map(({ socket }) => once(socket as never, 'connect')),
    );
    await echo(clients);
    // Polls that wait for the other host delay no stop.
    for (const { phases } of other.of('workerExited')) {
      expect(phases!.connections).toBeLessThan(8_000);
    }
    expect([one.stderr, other.stderr]).toEqual(['', '']);
  });

  it('the clients of a host that was killed connect to the other one', async () => {
    const [one, other] = hosts as [Application, Application];
    const clients = await connectMany(16, {}, balancer);
    // A server that dies in an upgrade leaves engine.io-client without a poll until its ping timeout, after 45 s.
    await Promise.all(clients.map(({ socket }) => upgraded(socket)));
    const pids = new Set(one.of('workerReady').map(({ pid }) => pid));
    const gone = clients.filter(({ worker }) => !pids.has(worker));
    expect(gone.length).toBeGreaterThan(0);
    balancer.remove(other.port);
    const back = gone.map(({ socket }) => once(socket as never, 'worker') as Promise<[number]>);
    other.signalGroup('SIGKILL');
    for (const [worker] of await Promise.all(back)) {
      expect(pids).toContain(worker);
    }
    await echo(gone);
  });

  it('a host that stops is withdrawn from Redis by its last worker', async () => {
    const [one] = hosts as [Application];
    const { socket } = await connect({ transports: ['polling'] }, one);
    const [id] = idOf(socket).split('.') as [string];
    const isAnnounced = async () => (await announced()).some(field => field.startsWith(id));
    expect(await isAnnounced()).toBe(true);
    one.signal('SIGTERM');
    await one.exited;
    expect(await isAnnounced()).toBe(false);
  });
});
