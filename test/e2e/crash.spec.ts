import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterEvent, HostStatus } from '../../src/index.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { Load } from '../support/load.js';

afterEach(() => Application.endAll());

/** The number of open sockets of a process. Only Linux reports it; elsewhere, it is 0. */
function socketsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`;
  if (!existsSync(directory)) {
    return 0;
  }
  return readdirSync(directory).filter(name => {
    try {
      return readlinkSync(`${directory}/${name}`).startsWith('socket:');
    } catch {
      // Closed in the meantime.
      return false;
    }
  }).length;
}

describe('a worker that ends on its own', () => {
  it.each(['http/express', 'http/fastify'])(
    'is replaced in its slot while the others serve on: kill -9 under load (%s)',
    async fixture => {
      const app = await Application.ready(fixture);
      const [victim] = app.of('workerReady');
      const load = new Load(app.url('/hello?ms=5'), { keepAlive: 32, oneShot: 32 });
      await load.untilAnswered(500);

      process.kill(victim!.pid, 'SIGKILL');
      await app.until(() => app.count('workerReady') === 3);
      const before = load.report.answered;
      await load.untilAnswered(before + 500);
      const report = await load.stop();

      const replacement = app.of('workerReady')[2];
      expect(replacement).toMatchObject({ slot: victim!.slot, generation: 0 });
      expect(replacement?.pid).not.toBe(victim!.pid);
      // The in-flight requests of the killed worker are lost: at most one of each client, and at
      // least one client was connected to the other worker. Requests that it had not read are not lost.
      expect(report).toMatchObject({ refused: 0, hung: 0, failed: 0 });
      expect(report.cut).toBeLessThan(64);
      expect(app.of('workerExited')).toMatchObject([
        { pid: victim!.pid, signal: 'SIGKILL', code: null, reason: 'crashed' },
      ]);
    },
  );

  it('loses nothing that it had not read: another worker answers', async () => {
    const app = await Application.ready('http/express');
    const blocked = fetch(app.url('/block?ms=60000'), { method: 'POST' }).catch(() => 'lost');
    await app.until(() => app.noted('blocking').length === 1);
    const { pid } = app.noted('blocking')[0]!;
    // Round-robin hands at least one of these to the blocked worker, which does not read it.
    const others = Array.from({ length: 8 }, () =>
      fetch(app.url('/hello'), { headers: { connection: 'close' } }),
    );
    await Promise.race(others);
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all(others);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await blocked).toBe('lost');
  });

  it('has its unread connections closed if no other worker may get them', async () => {
    const env = { CLUSTER_RESTART_REDELIVER: 'false' };
    const app = await Application.ready('http/express', { env });
    void fetch(app.url('/block?ms=60000'), { method: 'POST' }).catch(() => {});
    await app.until(() => app.noted('blocking').length === 1);
    let answered = 0;
    const others = Array.from({ length: 8 }, async () => {
      await fetch(app.url('/hello'), { headers: { connection: 'close' } });
      answered++;
    });
    const settled = Promise.allSettled(others);
    await eventually(
      () => answered === 7,
      10_000,
      () => `${answered} were answered`,
    );
    process.kill(app.noted('blocking')[0]!.pid, 'SIGKILL');
    const outcomes = (await settled).map(({ status }) => status);
    expect(outcomes.filter(status => status === 'rejected')).toHaveLength(1);
    expect(answered).toBe(7);
  });

  it('closes no port, and leaves no connection hanging, while another one is about to leave', async () => {
    const app = await Application.ready('http/express');
    const [victim, leaving] = app.of('workerReady');
    const held = socketsOf(app.pid);
    const load = new Load(app.url('/hello'), { oneShot: 32 });
    await load.untilAnswered(100);
    process.kill(leaving!.pid, 'SIGTERM');
    await delay(80);
    process.kill(victim!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 4 && app.count('workerExited') === 2);
    const report = await load.stop();
    expect(report).toMatchObject({ refused: 0, hung: 0, failed: 0 });
    // Requests that the killed worker had read are lost.
    expect(report.cut).toBeLessThan(32);
    await eventually(
      () => socketsOf(app.pid) === held,
      10_000,
      () => `The primary had ${held} sockets, and has ${socketsOf(app.pid)}`,
    );
  });

  it('has its error printed, and its exit in the status', async () => {
    const app = await Application.ready('http/express');
    await fetch(app.url('/crash'), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 3);
    const { slot } = app.of('workerExited')[0]!;
    const status = (await (await fetch(app.url('/status'))).json()) as HostStatus;
    expect(app.stderr).toContain('crashed on purpose');
    expect(app.stderr).toMatch(/Worker \d .* crashed: it exited with code 1 after/);
    expect(status.workers[slot]).toMatchObject({
      slot,
      state: 'ready',
      restarts: 1,
      lastExit: { code: 1, reason: 'crashed', error: 'Error: crashed on purpose' },
    });
  });

  it('is reported to the callbacks in the primary, even if one of them fails', async () => {
    const app = await Application.ready('async-options', {
      env: { CLUSTER_WORKERS: '2', SETTINGS_WORKERS: '2' },
    });
    await fetch(app.url('/crash'), { method: 'POST' });
    await app.until(() => app.noted('callback').length === 3);
    expect(app.noted('callback').map(({ pid }) => pid)).toEqual([app.pid, app.pid, app.pid]);
    await app.until(() => app.stderr.includes('The callback events.workerExited failed'));
    await app.until(() => app.count('workerReady') === 3);
  });

  it('is reported to subscribed workers at once', async () => {
    const app = await Application.ready('http/express');
    const watching = new Set<string>();
    await eventually(
      async () => {
        const response = await fetch(app.url('/watch'), { headers: { connection: 'close' } });
        watching.add(await response.text());
        return watching.size === 2;
      },
      10_000,
      () => app.output,
    );
    const [victim, witness] = app.of('workerReady').map(({ pid }) => pid);
    process.kill(victim!, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 3);
    const seen = (): unknown[] =>
      app
        .noted('event')
        .filter(({ pid }) => pid === witness)
        .map(({ event }) => (event as ClusterEvent).type);
    await app.until(() => seen().includes('workerReady'));
    const expected = ['workerExited', 'workerForked', 'workerOnline', 'workerReady'];
    expect(seen().filter(type => expected.includes(type as string))).toEqual(expected);
  });
});

describe('a signal for one worker alone', () => {
  it.each([{}, { FIXTURE: JSON.stringify({ hooks: true }) }])(
    'SIGTERM drains it without losing a request, and it is replaced (%j)',
    async env => {
      const app = await Application.ready('http/configured', { env });
      const [victim] = app.of('workerReady');
      const load = new Load(app.url('/hello?ms=5'), { keepAlive: 16, oneShot: 16 });
      await load.untilAnswered(500);

      process.kill(victim!.pid, 'SIGTERM');
      await app.until(() => app.count('workerReady') === 3 && app.count('workerExited') === 1);
      const report = await load.stop();

      expect(report).toMatchObject({ cut: 0, refused: 0, hung: 0, failed: 0 });
      expect(app.of('workerExited')).toMatchObject([{ pid: victim!.pid, reason: 'left' }]);
      expect(app.of('workerDraining')).toMatchObject([{ pid: victim!.pid, cause: 'signal' }]);
      expect(app.noted('destroyed')).toMatchObject([{ pid: victim!.pid, inFlight: 0 }]);
      expect(app.noted('onApplicationShutdown')).toMatchObject([{ signal: 'SIGTERM' }]);
    },
  );

  it('SIGTERM to the only one: it serves on until its replacement does', async () => {
    const app = await Application.ready('http/express', { env: { CLUSTER_WORKERS: '1' } });
    const load = new Load(app.url('/hello?ms=5'), { keepAlive: 8, oneShot: 8 });
    await load.untilAnswered(200);
    process.kill(app.of('workerReady')[0]!.pid, 'SIGTERM');
    await app.until(() => app.count('workerReady') === 2 && app.count('workerExited') === 1);
    expect(await load.stop()).toMatchObject({ cut: 0, refused: 0, hung: 0, failed: 0 });
  });

  it('SIGTERM while the primary is busy: the worker waits for it', async () => {
    const app = await Application.ready('http/express');
    const inFlight = Array.from({ length: 4 }, () => fetch(app.url('/hello?ms=4000')));
    await fetch(app.url('/worker'), { headers: { connection: 'close' } });
    app.signal('SIGSTOP');
    process.kill(app.of('workerReady')[0]!.pid, 'SIGTERM');
    await delay(1_500);
    app.signal('SIGCONT');
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await app.until(() => app.count('workerExited') === 1, 15_000);
    expect(app.of('workerExited')).toMatchObject([{ reason: 'left' }]);
  });

  it.each([
    ['SIGINT', {}],
    ['SIGINT', { FIXTURE: JSON.stringify({ hooks: true }) }],
    ['SIGHUP', { FIXTURE: JSON.stringify({ hooks: true }) }],
  ] as const)('%s is for the primary to decide: the worker serves on (%j)', async (signal, env) => {
    const app = await Application.ready('http/configured', {
      env: { CLUSTER_WORKERS: '1', ...env },
    });
    const [worker] = app.of('workerReady');
    process.kill(worker!.pid, signal);
    // The signal arrives before the messages on the channel and the socket that lead to this response.
    const status = (await (await fetch(app.url('/status'))).json()) as HostStatus;
    expect(status.workers).toMatchObject([{ pid: worker!.pid, state: 'ready', restarts: 0 }]);
    expect(app.count('workerDraining')).toBe(0);
  });
});

describe('an application that closes itself', () => {
  it('drains, runs its hooks, and is replaced', async () => {
    const app = await Application.ready('http/configured');
    const load = new Load(app.url('/hello?ms=5'), { keepAlive: 8, oneShot: 8 });
    await load.untilAnswered(200);

    await fetch(app.url('/close'), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 3 && app.count('workerExited') === 1);

    expect(await load.stop()).toMatchObject({ cut: 0, refused: 0, hung: 0, failed: 0 });
    expect(app.of('workerDraining')).toMatchObject([{ cause: 'close' }]);
    expect(app.of('workerExited')).toMatchObject([{ code: 0, reason: 'left' }]);
    expect(app.noted('after-close')).toHaveLength(1);
  });
});
