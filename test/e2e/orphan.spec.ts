import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';

const START = ['--import', fileURLToPath(new URL('../../dist/start.js', import.meta.url))];

afterEach(() => Application.endAll());

describe('workers whose primary is killed', () => {
  it.each([
    ['http/express', {}],
    ['http/fastify', {}],
    ['http/express', { CLUSTER_SCHEDULING: 'shared' }],
  ])('answer what is in flight, and leave within 5 s (%s %j)', async (fixture, env) => {
    const app = await Application.ready(fixture, { env });
    await app.rememberProcesses();
    const inFlight = Array.from({ length: 16 }, async () => {
      const response = await fetch(app.url('/hello?ms=1000'));
      return response.text();
    });
    // This response shows that the primary has handed over the earlier connections.
    await fetch(app.url('/worker'));

    app.signal('SIGKILL');

    expect(await Promise.all(inFlight)).toEqual(Array.from({ length: 16 }, () => 'hello'));
    await app.noneLeft(5_000);
    await app.exited;
    expect(app.noted('destroyed')).toHaveLength(2);
    expect(app.noted('destroyed').map(({ inFlight: left }) => left)).toEqual([0, 0]);
  });

  it('answer the requests that the primary handed over and they have not received', async () => {
    const app = await Application.ready('http/express');
    await app.rememberProcesses();
    const headers = { connection: 'close' };
    const busy = fetch(app.url('/block?ms=1500'), { method: 'POST', headers });
    await app.until(() => app.noted('blocking').length === 1);
    const inFlight = [1, 2].map(async () => (await fetch(app.url('/hello?ms=1000'))).text());
    // The other worker answers. So the earlier connections were handed over, one of them to the blocked worker.
    await fetch(app.url('/worker'));
    app.signal('SIGKILL');
    expect(await Promise.all(inFlight)).toEqual(['hello', 'hello']);
    expect((await busy).status).toBe(201);
    await app.noneLeft(5_000);
    await app.exited;
    expect(app.noted('destroyed')).toHaveLength(2);
  });

  it('are gone even if they are blocked', async () => {
    const app = await Application.ready('http/express');
    await app.rememberProcesses();
    const blocked = fetch(app.url('/block?ms=60000'), { method: 'POST' }).catch(() => {});
    await fetch(app.url('/worker'));
    app.signal('SIGKILL');
    await app.noneLeft(5_500);
    await blocked;
  });

  it.each(['', '2'])(
    'are gone even if the first one blocks before the options are known (CLUSTER_WORKERS=%s)',
    async workers => {
      const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
      const blocked = join(directory, 'blocked');
      const app = await Application.start('faults/blocked-at-import', {
        nodeArgs: START,
        env: { CLUSTER_WORKERS: workers, BLOCKED: blocked },
      });
      await eventually(
        () => existsSync(blocked),
        10_000,
        () => app.output,
      );
      await app.rememberProcesses();
      app.signal('SIGKILL');
      await app.noneLeft(5_500);
      await rm(directory, { recursive: true });
    },
  );

  it('answer in-flight requests although their standard error is closed', async () => {
    const app = await Application.ready('http/express', { env: { CLUSTER_WORKERS: '1' } });
    const busy = fetch(app.url('/block?ms=1500'), { method: 'POST' });
    await app.until(() => app.noted('blocking').length === 1);
    app.signal('SIGKILL');
    expect((await busy).status).toBe(201);
    await app.noneLeft(5_500);
  });

  it('leave at once if they still boot', async () => {
    const app = await Application.start('faults/hangs-at-boot');
    await app.until(() => app.count('workerOnline') === 2);
    app.signal('SIGKILL');
    await app.noneLeft(5_500);
  });
});

describe('a worker that is blocked when the host stops', () => {
  it('is killed at the deadline, and the exit code tells', async () => {
    const app = await Application.ready('http/express', {
      env: { CLUSTER_SHUTDOWN_TIMEOUT: '2000' },
    });
    const blocked = fetch(app.url('/block?ms=60000'), { method: 'POST' }).catch(() => {});
    await fetch(app.url('/worker'), { headers: { connection: 'close' } });
    const begun = Date.now();
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_900);
    expect(Date.now() - begun).toBeLessThan(4_000);
    expect(
      app
        .of('workerExited')
        .map(({ reason }) => reason)
        .toSorted(),
    ).toEqual(['drain-timeout', 'left']);
    await blocked;
    await app.noneLeft();
  });

  it('is killed at once on a second Ctrl-C, but not by one that arrives twice', async () => {
    const app = await Application.ready('http/express');
    const blocked = fetch(app.url('/block?ms=60000'), { method: 'POST' }).catch(() => {});
    await fetch(app.url('/worker'), { headers: { connection: 'close' } });
    // npm does this, too: it forwards a signal that the terminal has already sent to the group.
    app.signalGroup('SIGINT');
    app.signal('SIGINT');
    await app.until(() => app.count('workerExited') === 1);
    const firstExit = Date.now();
    expect(app.stderr).not.toContain('Second signal');
    await app.until(() => Date.now() - firstExit > 600);
    app.signal('SIGINT');
    expect(await app.exited).toEqual({ code: 130, signal: null });
    expect(app.stderr + app.stdout).toContain('Second signal: stopping at once');
    await blocked;
    await app.noneLeft();
  });
});
