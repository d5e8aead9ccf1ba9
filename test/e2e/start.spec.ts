import { afterEach, describe, expect, it } from 'vitest';
import type { WorkerIdentity } from '../../src/index.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { childrenOf, titleOf } from '../support/processes.js';

afterEach(() => Application.endAll());

async function askEach(app: Application, times: number): Promise<WorkerIdentity[]> {
  const answers = Array.from({ length: times }, async () => {
    const response = await fetch(app.url('/worker'), { headers: { connection: 'close' } });
    return (await response.json()) as WorkerIdentity;
  });
  return Promise.all(answers);
}

const distinct = (values: readonly unknown[]): unknown[] => [...new Set(values)];

describe('starting an application that imports ClusterModule', () => {
  it.each([
    ['http/express', {}],
    ['http/fastify', {}],
    ['http/express', { CLUSTER_SCHEDULING: 'shared' }],
  ])('answers from every worker (%s %j)', async (fixture, env) => {
    const app = await Application.ready(fixture, { env: { ...env, CLUSTER_WORKERS: '3' } });
    const seen = new Set<number>();
    // With a shared socket, the kernel may prefer one worker for a while.
    for (let round = 0; round < 50 && seen.size < 3; round++) {
      (await askEach(app, 12)).forEach(({ slot }) => seen.add(slot));
    }
    expect(seen).toEqual(new Set([0, 1, 2]));
    const pids = distinct((await askEach(app, 30)).map(({ pid }) => pid));
    expect(pids).not.toContain(app.pid);
  });

  it('constructs a provider once in each worker and never in the primary', async () => {
    const app = await Application.ready('http/express', { env: { CLUSTER_WORKERS: '3' } });
    const constructed = app.noted('constructed');
    expect(constructed).toHaveLength(3);
    expect(new Set(constructed.map(({ slot }) => slot))).toEqual(new Set(['0', '1', '2']));
    expect(constructed.map(({ pid }) => pid)).not.toContain(app.pid);
  });

  it('forks nothing and catches no signal when the module is imported and no application created', async () => {
    const app = await Application.start('import-only');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.noted('imported')).toMatchObject([{ caught: [] }]);
    expect(app.events).toEqual([]);
  });

  it('runs in the one process with CLUSTER_WORKERS=0, and every service works', async () => {
    const app = await Application.start('http/express', { env: { CLUSTER_WORKERS: '0' } });
    await app.until(() => app.count('workerReady') === 1);
    const status = (await (await fetch(app.url('/status'))).json()) as object;
    expect(await askEach(app, 1)).toEqual([
      { slot: 0, generation: 0, id: 0, pid: app.pid, mode: 'single' },
    ]);
    expect(status).toMatchObject({
      pid: app.pid,
      state: 'running',
      wanted: 1,
      workers: [{ slot: 0, pid: app.pid, state: 'ready', restarts: 0 }],
    });
    expect(app.stdout).toContain('Single mode, no workers: workers is 0');
    expect(await childrenOf(app.pid)).toEqual([]);
  });

  it('stays in one process in a test run, unless the environment asks for workers', async () => {
    const app = await Application.start('http/express', {
      env: { NODE_ENV: 'test', CLUSTER_WORKERS: '' },
    });
    await app.until(() => app.count('workerReady') === 1);
    expect(app.of('workerReady')[0]?.pid).toBe(app.pid);
    expect(app.stdout).toContain('Single mode, no workers: this is a test run');

    const asked = await Application.ready('http/express', { env: { NODE_ENV: 'test' } });
    expect(asked.count('workerReady')).toBe(2);
  });

  it('stays in one process inside another cluster, and logs this once', async () => {
    const app = await Application.start('foreign/bare-cluster');
    let answer: WorkerIdentity | undefined;
    await eventually(
      async () => {
        [answer] = await askEach(app, 1).catch(() => []);
        return answer !== undefined;
      },
      10_000,
      () => app.output,
    );
    expect(answer).toMatchObject({ mode: 'single', slot: 0 });
    expect(app.stdout.match(/Single mode.*another cluster/g)).toHaveLength(1);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });

  it('tells the primary and the slots apart in ps', async () => {
    const app = await Application.ready('http/express');
    const titles = app.of('workerReady').map(async ({ slot, pid }) => [slot, await titleOf(pid)]);
    expect(await titleOf(app.pid)).toBe('nest primary');
    expect(Object.fromEntries(await Promise.all(titles))).toEqual({
      0: 'nest worker 0',
      1: 'nest worker 1',
    });
  });

  it('gives each worker an inspector of its own', async () => {
    const app = await Application.ready('http/express', { nodeArgs: ['--inspect=127.0.0.1:0'] });
    // Port 0 means any free port, in the workers too, so the three ports differ.
    // The output of a worker and its ready event arrive separately, so the output may be later.
    const ports = () =>
      [...app.stderr.matchAll(/ws:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
    await app.until(() => ports().length === 3);
    expect(new Set(ports()).size).toBe(3);
  });

  it('starts the workers before it would load the HTTP framework', async () => {
    const app = await Application.ready('http/express');
    // Only one worker logs Nest's first line. The primary is parked before it would log this line.
    const lines = app.stdout.split('\n').filter(line => line.includes('Starting Nest application'));
    expect(lines).toEqual([expect.stringContaining('[Nest] worker 0 ')]);
  });

  it('prints the lines that a buffered logger would never print', async () => {
    const app = await Application.ready('http/configured', {
      env: { FIXTURE: JSON.stringify({ bufferLogs: true }) },
    });
    await app.until(() => /\[Cluster\] Worker 0 .* is ready after/.test(app.stdout));
    expect(app.stdout).toMatch(/\[Cluster\] Primary \d+ starts 2 workers/);
  });
});

describe('forRootAsync()', () => {
  it.each(['factory', 'class'])('takes the options from a %s, in an apart context', async by => {
    const app = await Application.start('async-options', {
      env: { CLUSTER_WORKERS: '', SETTINGS_WORKERS: '3', ASYNC_BY: by },
    });
    await app.until(() => app.count('workerReady') === 3);
    expect(app.count('workerForked')).toBe(3);
    expect(app.noted('constructed').map(({ pid }) => pid)).not.toContain(app.pid);
  });

  it('takes them from the ConfigService of a global ConfigModule', async () => {
    const app = await Application.start('config-service', {
      env: { CLUSTER_WORKERS: '', SETTINGS_WORKERS: '2' },
    });
    await app.until(() => app.count('workerReady') === 2);
    expect(app.count('workerForked')).toBe(2);
    const response = await fetch(app.url('/'));
    expect(await response.json()).toEqual({ workers: 2, mode: 'worker' });
  });

  it('prints an error of a provider that they need once, and forks nothing', async () => {
    const app = await Application.start('config-service', {
      env: { CLUSTER_WORKERS: '', SETTINGS_BROKEN: '1' },
    });
    expect((await app.exited).code).toBe(1);
    expect(app.output.split('Error: the settings are broken')).toHaveLength(2);
    expect(app.events).toEqual([]);
  });

  it('runs in one process if the options say so', async () => {
    const app = await Application.start('async-options', {
      env: { CLUSTER_WORKERS: '', SETTINGS_WORKERS: '0' },
    });
    await app.until(() => app.count('workerReady') === 1);
    expect(app.of('workerReady')[0]?.pid).toBe(app.pid);
  });
});
