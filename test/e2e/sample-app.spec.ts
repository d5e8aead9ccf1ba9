import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { freePort } from '../support/free-port.mjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { WorkerIdentity } from 'nestjs-cluster';
import type { Snapshot, WorkerSnapshot } from '../../sample-app/src/host/snapshot.interface.js';

type Answer = WorkerIdentity & { mode: string };
type Ticket = WorkerIdentity & { number: number; wasReserved: boolean };

const MAIN = fileURLToPath(new URL('../../sample-app/dist/main.js', import.meta.url));
const TICKETS = 7;
const TICKETS_PER_SECOND = 3;
/** The timeout in ms of requests that are repeated anyway. */
const PATIENCE = 3000;

describe('the sample application with two workers', () => {
  let app: ChildProcess;
  let url: string;
  let output = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // The application has its own directory and environment, so that nothing of the test runner affects it.
    app = spawn(process.execPath, [MAIN], {
      cwd: tmpdir(),
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        CLUSTER_WORKERS: '2',
        TICKETS: String(TICKETS),
        TICKETS_PER_SECOND: String(TICKETS_PER_SECOND),
        RESERVATION_SECONDS: '2',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    app.stdout!.on('data', chunk => (output += chunk));
    app.stderr!.on('data', chunk => (output += chunk));
    await until(async () => ready(await snapshot()).length === 2);
  });

  afterAll(() => {
    app.kill('SIGKILL');
  });

  it('serves a page that says which worker served it, with all that the page needs', async () => {
    const response = await fetch(url);
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const pids = (await snapshot()).workers.map(({ pid }) => pid);
    expect(pids).toContain(Number(/data-pid="(\d+)"/.exec(html)?.[1]));
    expect(html).not.toContain('{{');

    const missing: string[] = [];
    const wanted = new Set(linked(html));
    for (const path of wanted) {
      const asset = await fetch(url + path);
      const text = await asset.text();
      if (!asset.ok) {
        missing.push(path);
      }
      imported(text).forEach(name => wanted.add(`/assets/${name}`));
    }
    expect(missing).toEqual([]);
    expect([...wanted]).toEqual(
      expect.arrayContaining(['/assets/style.css', '/assets/main.js', '/assets/watch.js']),
    );
  });

  it('serves the dashboard where the log and the page say', async () => {
    const page = await (await fetch(url)).text();
    expect(page).toContain('href="/cluster"');
    await until(async () => output.includes(`http://localhost:${new URL(url).port}/cluster`));
    const response = await fetch(`${url}/cluster`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<base href="./cluster/" />');
  });

  it('serves no file from outside its public directory', async () => {
    expect((await fetch(`${url}/assets/..%2fpackage.json`)).status).toBe(404);
  });

  it('is answered by both workers', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => worker()));
    expect(answers[0]).toEqual({
      mode: 'worker',
      slot: expect.any(Number),
      generation: expect.any(Number),
      id: expect.any(Number),
      pid: expect.any(Number),
    });
    expect(new Set(answers.map(({ slot }) => slot))).toEqual(new Set([0, 1]));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
  });

  it('tells the state of the host and of each worker, and what has happened', async () => {
    const { workers, events, store, via, at, ...host } = await snapshot();
    expect(host).toEqual({
      status: expect.any(String),
      problems: expect.any(Array),
      primary: app.pid,
      uptime: expect.any(Number),
      state: 'running',
      generation: expect.any(Number),
      wanted: 2,
      ready: 2,
      hasStarted: true,
      recentRestarts: 0,
      spares: 0,
    });
    expect(at).toBeGreaterThan(Date.now() - PATIENCE);
    expect(workers.map(({ slot }) => slot)).toEqual([0, 1]);
    expect(workers.map(({ id }) => id)).toContain(via.id);
    expect(workers[0]).toMatchObject({
      slot: 0,
      generation: host.generation,
      id: expect.any(Number),
      pid: expect.any(Number),
      state: 'ready',
      memory: expect.any(Number),
      uptime: expect.any(Number),
      restarts: 0,
    });
    expect(store).toMatchObject({ backend: 'memory', roundTrip: expect.any(Number) });
    expect(events.map(({ type }) => type)).toContain('workerReady');
  });

  it('answers health probes', async () => {
    const { details } = await until(async () => {
      const health = (await (await probe('ready')).json()) as HealthCheckResult;
      // On a busy machine, an event loop is late during the start, so the status is degraded at first.
      return health.status === 'ok' ? health : undefined;
    });
    expect(details).toMatchObject({
      host: { status: 'up', problems: [], ready: 2, wanted: 2 },
      state: { status: 'up', problems: [], backend: 'memory', roundTrip: expect.any(Number) },
    });
    expect((await probe('live')).status).toBe(200);
    expect((await probe('startup')).status).toBe(200);
  });

  it('replaces a crashed worker in its slot', async () => {
    const response = await post('/api/workers/1/crash');
    const victim = (await response.json()) as WorkerIdentity;
    expect(response.status).toBe(202);
    const replacement = await until(() => replacementOf(victim));
    expect(replacement).toMatchObject({
      restarts: 1,
      lastExit: { code: 1, signal: null, error: 'Error: Worker 1 was told to crash' },
    });
  });

  it('replaces a worker of which that is asked, without a crash', async () => {
    const response = await post('/api/workers/0/replace');
    const former = (await response.json()) as WorkerIdentity;
    expect(response.status).toBe(202);
    await until(() => replacementOf(former));
    const exit = await until(async () =>
      (await snapshot()).events.find(
        event => event.type === 'workerExited' && event.pid === former.pid,
      ),
    );
    expect(exit).toMatchObject({ slot: 0, code: 0, reason: 'left' });
  });

  it('answers from the other worker while one is blocked', async () => {
    const meanwhile: Answer[] = [];
    await post('/api/workers/1/block?ms=1500');
    const started = performance.now();
    while (performance.now() - started < 1300) {
      // The blocked worker may have received one of these requests before it stopped listening.
      const answer = await worker(AbortSignal.timeout(300)).catch(() => undefined);
      if (answer && performance.now() - started > 400) {
        meanwhile.push(answer);
      }
    }
    expect(new Set(meanwhile.map(({ slot }) => slot))).toEqual(new Set([0]));
    await until(async () => (await worker()).slot === 1 || undefined);
  });

  it.each(['crash', 'block?ms=1', 'replace'])('has no worker in slot 7 to %s', async order => {
    const response = await post(`/api/workers/7/${order}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: 'No worker is ready in slot "7"' });
  });

  it('lets a slow request take its time', async () => {
    const started = performance.now();
    const response = await fetch(`${url}/api/slow?ms=200`);
    expect(await response.json()).toMatchObject({ waited: 200, pid: expect.any(Number) });
    expect(performance.now() - started).toBeGreaterThanOrEqual(190);
  });

  it.each(['', '?ms=', '?ms=soon', '?ms=-1', '?ms=1.5', '?ms=1e3', '?ms=60001', '?ms=1&ms=2'])(
    'refuses %j with a reason',
    async query => {
      const answers = await Promise.all([
        fetch(`${url}/api/slow${query}`),
        post(`/api/workers/0/block${query}`),
      ]);
      for (const response of answers) {
        expect(response.status).toBe(400);
        const { message } = (await response.json()) as { message: string };
        expect(message).toMatch(/^ms takes a whole number of milliseconds from 0 to 60000; got /);
      }
    },
  );

  describe('sells tickets', () => {
    beforeEach(() => putAllBack());

    it('each number once, from both workers, and then none', async () => {
      expect(await stock()).toEqual({ total: TICKETS, sold: 0, reserved: 0, left: TICKETS });
      const sold: Ticket[] = [];
      while (sold.length < TICKETS) {
        const response = await buy();
        expect(response.status).toBe(201);
        sold.push((await response.json()) as Ticket);
      }
      expect(sold.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(new Set(sold.map(({ slot }) => slot))).toEqual(new Set([0, 1]));

      const late = await buy();
      expect(late.status).toBe(409);
      expect(await late.json()).toMatchObject({ message: 'Sold out: all 7 tickets are gone' });
      expect(await stock()).toEqual({ total: TICKETS, sold: TICKETS, reserved: 0, left: 0 });
    });

    it('to as many as there are, if more want one at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 3 * TICKETS }, () => buy()));
      const sold = answers.filter(answer => answer.status === 201);
      const tickets = (await Promise.all(sold.map(answer => answer.json()))) as Ticket[];
      const numbers = tickets.map(({ number }) => number);
      expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(answers.filter(answer => answer.status === 409)).toHaveLength(2 * TICKETS);
    });

    it('again after all were put back', async () => {
      await buy();
      expect(await putAllBack()).toEqual({ total: TICKETS, sold: 0, reserved: 0, left: TICKETS });
      expect(await (await buy()).json()).toMatchObject({ number: 1 });
    });

    it('that a visitor has reserved to nobody else, from any worker', async () => {
      const { number, cookie } = await reserve();
      const others = await Promise.all([buy(), buy()]);
      const numbers = await Promise.all(
        others.map(async answer => ((await answer.json()) as Ticket).number),
      );
      expect(numbers).not.toContain(number);
      expect(await stock()).toMatchObject({ sold: 2, reserved: 1, left: TICKETS - 3 });
      const bought = await buy({ 'X-Client': randomUUID(), cookie });
      expect(await bought.json()).toMatchObject({ number, wasReserved: true });
      expect(await stock()).toMatchObject({ sold: 3, reserved: 0, left: TICKETS - 3 });
    });

    it('that nobody has bought in time to others', async () => {
      const { number, cookie } = await reserve();
      await until(
        async () => ((await stock()) as { reserved: number }).reserved === 0 || undefined,
      );
      expect(await (await buy()).json()).toMatchObject({ number, wasReserved: false });
      const late = await buy({ 'X-Client': randomUUID(), cookie });
      expect(await late.json()).toMatchObject({ number: number + 1, wasReserved: false });
    });

    it('over a new connection each time, that another worker may get', async () => {
      const hasty = { 'X-Client': randomUUID() };
      const answers = [await fetch(`${url}/api/tickets`), await buy(hasty), await refusal(hasty)];
      expect(answers.map(({ headers }) => headers.get('connection'))).toEqual(
        answers.map(() => 'close'),
      );
    });

    it.each([
      ['a client by its name', { 'X-Client': randomUUID() }],
      ['a client without a name by its address', {}],
    ])('only so fast to one client: knows %s', async (_, headers) => {
      const refused = await refusal(headers);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toEqual({
        statusCode: 429,
        message: 'One client may buy 3 tickets a second; try again in 1 s',
      });
      expect((await buy()).status).not.toBe(429);
      await until(async () => (await buy(headers)).status !== 429);
    });

    it.each(['', 'two words', 'x'.repeat(65)])('not to a client named %j', async name => {
      const response = await buy({ 'X-Client': name });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        message: 'X-Client takes 1 to 64 letters, digits, _ and -',
      });
    });
  });

  it('looks up the weather once for both workers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const response = await fetch(`${url}/api/weather`);
        return (await response.json()) as { at: number; answeredBy: WorkerIdentity };
      }),
    );
    expect(new Set(answers.map(({ at }) => at)).size).toBe(1);
    expect(new Set(answers.map(({ answeredBy }) => answeredBy.pid)).size).toBe(2);
  });

  it('tells visitors how many they are, and who ran the job last, with long polling', async () => {
    const visitors = Array.from({ length: 6 }, () =>
      io(url, { forceNew: true, transports: ['polling'] }),
    );
    try {
      const workers = new Set<number>();
      const runs: number[] = [];
      visitors[0]!.on('presence', (now: { people: number; workers: number }) => {
        workers.add(now.people === visitors.length ? now.workers : 0);
      });
      visitors[0]!.on('job', (run: { worker: WorkerIdentity }) => runs.push(run.worker.pid));
      await until(async () => workers.has(2) || undefined);
      await until(async () => runs.length > 0 || undefined);
      const pids = (await snapshot()).workers.map(({ pid }) => pid);
      expect(pids).toContain(runs.at(-1));
    } finally {
      visitors.forEach(visitor => visitor.disconnect());
    }
  });

  it('has logged the address of the page once, although workers were replaced', () => {
    expect(output.match(/Open http:.*/g)).toEqual([
      `Open http://localhost:${new URL(url).port}, and try this. Press Ctrl-C to stop`,
    ]);
    expect(output).toContain('1. Rush: ');
  });

  it('finishes what is in flight on SIGTERM, and exits with 0', async () => {
    const exit = once(app, 'exit');
    const inFlight = fetch(`${url}/api/slow?ms=1000`);
    await until(async () => (await worker()).pid > 0);
    app.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect(await exit).toEqual([0, null]);
  });

  /** Buys a ticket, by default as a new client. */
  function buy(headers: HeadersInit = { 'X-Client': randomUUID() }): Promise<Response> {
    const signal = AbortSignal.timeout(PATIENCE);
    return fetch(`${url}/api/tickets`, { method: 'POST', headers, signal });
  }

  /** Reserves a ticket as a new visitor, whose session the cookie names. */
  async function reserve(): Promise<{ readonly number: number; readonly cookie: string }> {
    const response = await fetch(`${url}/api/tickets/reservation`, {
      method: 'POST',
      headers: { 'X-Client': randomUUID() },
      signal: AbortSignal.timeout(PATIENCE),
    });
    const [cookie = ''] = response.headers.get('set-cookie')?.split(';') ?? [];
    return { number: ((await response.json()) as Ticket).number, cookie };
  }

  /** The response to a client that buys too fast. */
  function refusal(headers: HeadersInit): Promise<Response> {
    return until(async () => {
      const answers = await Promise.all(
        Array.from({ length: 2 * TICKETS_PER_SECOND }, () => buy(headers)),
      );
      return answers.find(answer => answer.status === 429);
    });
  }

  async function stock(): Promise<unknown> {
    return (await fetch(`${url}/api/tickets`)).json();
  }

  async function putAllBack(): Promise<unknown> {
    return (await fetch(`${url}/api/tickets`, { method: 'DELETE' })).json();
  }

  async function worker(signal = AbortSignal.timeout(PATIENCE)): Promise<Answer> {
    return (await (await fetch(`${url}/api/worker`, { signal })).json()) as Answer;
  }

  function post(path: string): Promise<Response> {
    return fetch(url + path, { method: 'POST', signal: AbortSignal.timeout(PATIENCE) });
  }

  /** The worker that has the slot now, if it is another one. */
  async function replacementOf({ slot, pid }: WorkerIdentity) {
    const current = ready(await snapshot()).find(each => each.slot === slot);
    return current?.pid === pid ? undefined : current;
  }

  function probe(path: string): Promise<Response> {
    return fetch(`${url}/health/${path}`, { signal: AbortSignal.timeout(PATIENCE) });
  }

  async function snapshot(): Promise<Snapshot> {
    const signal = AbortSignal.timeout(PATIENCE);
    return (await (await fetch(`${url}/api/snapshot`, { signal })).json()) as Snapshot;
  }

  /** Polls until `question` returns a value. A failed request is repeated. */
  async function until<T>(question: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
      if (app.exitCode !== null) {
        throw new Error(`The application exited with ${app.exitCode}:\n${output}`);
      }
      const answer = await question().catch(() => undefined);
      if (answer) {
        return answer;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`No answer within 30 s:\n${output}`);
  }
});

describe('the sample application with a wrong setting', () => {
  it.each([
    ['TICKETS', 'lots', '1000000'],
    ['TICKETS', '0', '1000000'],
    ['TICKETS_PER_SECOND', '', '1000000'],
  ])('%s=%s says what it takes, and ends', async (name, value, most) => {
    const app = spawn(process.execPath, [MAIN], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, CLUSTER_WORKERS: '2', [name]: value },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const output = textOf(app.stderr);
    expect(await once(app, 'exit')).toEqual([1, null]);
    expect(await output).toContain(
      `${name} takes a whole number from 1 to ${most}; got ${JSON.stringify(value)}`,
    );
  });
});

function ready({ workers }: Snapshot): WorkerSnapshot[] {
  return workers.filter(({ state }) => state === 'ready');
}

function linked(html: string): string[] {
  return [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
}

function imported(script: string): string[] {
  return [...script.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => name!);
}
