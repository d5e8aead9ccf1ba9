import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.mjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { HostStatus, WorkerIdentity, WorkerStatus } from 'nestjs-cluster';

type Answer = WorkerIdentity & { mode: string };

const MAIN = fileURLToPath(new URL('../../sample-app/dist/main.js', import.meta.url));
/** Milliseconds a request that is asked again anyway may take. */
const PATIENCE = 3000;

describe('the sample application with two workers', () => {
  let app: ChildProcess;
  let url: string;
  let output = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // In another directory, with an environment of its own: nothing of the test runner's gets in.
    app = spawn(process.execPath, [MAIN], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, PORT: String(port), CLUSTER_WORKERS: '2', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    app.stdout!.on('data', chunk => (output += chunk));
    app.stderr!.on('data', chunk => (output += chunk));
    await until(async () => ready(await status()).length === 2);
  });

  afterAll(() => {
    app.kill('SIGKILL');
  });

  it('serves a page that says which worker served it, with all that the page needs', async () => {
    const response = await fetch(url);
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const pids = (await status()).workers.map(({ pid }) => pid);
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

  it('tells the status of the host and of each worker', async () => {
    const { workers, ...host } = await status();
    expect(host).toEqual({
      pid: app.pid,
      uptime: expect.any(Number),
      state: 'running',
      generation: expect.any(Number),
      wanted: 2,
    });
    expect(workers.map(({ slot }) => slot)).toEqual([0, 1]);
    expect(workers[0]).toEqual({
      slot: 0,
      generation: host.generation,
      id: expect.any(Number),
      pid: expect.any(Number),
      state: 'ready',
      uptime: expect.any(Number),
      restarts: 0,
    });
  });

  it('replaces a crashed worker in its slot', async () => {
    const response = await fetch(`${url}/api/crash`, { method: 'POST' });
    const victim = (await response.json()) as WorkerIdentity;
    expect(response.status).toBe(202);

    const inSlot = async () => ready(await status()).find(({ slot }) => slot === victim.slot);
    const heir = (await until(async () => {
      const current = await inSlot();
      return current?.pid === victim.pid ? undefined : current;
    })) as WorkerStatus;
    expect(heir).toMatchObject({ restarts: 1, lastExit: { code: 1, signal: null } });
    expect(output).toContain('Somebody asked for POST /api/crash');
  });

  it('answers from the other worker while one is blocked', async () => {
    const meanwhile: Answer[] = [];
    const over = new AbortController();
    const started = performance.now();
    const blocking = fetch(`${url}/api/block?ms=1500`, { method: 'POST' }).finally(() =>
      over.abort(),
    );
    while (!over.signal.aborted) {
      // One of these may have been handed to the blocked worker before that stopped listening.
      const answer = await worker(AbortSignal.timeout(300)).catch(() => undefined);
      const at = performance.now() - started;
      if (answer && at > 500 && at < 1400) {
        meanwhile.push(answer);
      }
    }
    const blocked = (await (await blocking).json()) as WorkerIdentity & { blocked: number };
    expect(performance.now() - started).toBeGreaterThanOrEqual(1500);
    expect(blocked.blocked).toBe(1500);
    expect(new Set(meanwhile.map(({ slot }) => slot))).toEqual(new Set([1 - blocked.slot]));
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
        fetch(`${url}/api/block${query}`, { method: 'POST' }),
      ]);
      for (const response of answers) {
        expect(response.status).toBe(400);
        const { message } = (await response.json()) as { message: string };
        expect(message).toMatch(/^ms takes a whole number of milliseconds from 0 to 60000; got /);
      }
    },
  );

  it('finishes what is in flight on SIGTERM, and exits with 0', async () => {
    const exit = once(app, 'exit');
    const inFlight = fetch(`${url}/api/slow?ms=1000`);
    await until(async () => (await worker()).pid > 0);
    app.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect(await exit).toEqual([0, null]);
  });

  async function worker(signal = AbortSignal.timeout(PATIENCE)): Promise<Answer> {
    return (await (await fetch(`${url}/api/worker`, { signal })).json()) as Answer;
  }

  async function status(): Promise<HostStatus> {
    const signal = AbortSignal.timeout(PATIENCE);
    return (await (await fetch(`${url}/api/status`, { signal })).json()) as HostStatus;
  }

  /** Polls until the question has an answer; a request that fails is no answer yet. */
  async function until<T>(question: () => Promise<T>): Promise<T> {
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

function ready({ workers }: HostStatus): WorkerStatus[] {
  return workers.filter(({ state }) => state === 'ready');
}

function linked(html: string): string[] {
  return [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
}

function imported(script: string): string[] {
  return [...script.matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => name!);
}
