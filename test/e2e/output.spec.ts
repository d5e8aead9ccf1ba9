import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { HostStatus } from '../../src/index.js';
import { Application } from '../support/application.js';
import { Load } from '../support/load.js';

afterEach(() => Application.endAll());

/** The numbers of the lines that a process has written. */
function linesOf(text: string, pid: number): number[] {
  return [...text.matchAll(new RegExp(`^${pid} line (\\d+) of \\d+ \\.+$`, 'gm'))].map(([, line]) =>
    Number(line),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, line) => line + 1);

/** The resident memory of a process in bytes. */
const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;

describe('the last output of a worker', () => {
  it.each(['exit', 'throw'])('arrives whole, with the reason of its end: %s', async then => {
    const app = await Application.ready('http/express', { env: { CLUSTER_WORKERS: '1' } });
    const { pid } = app.of('workerReady')[0]!;
    const lines = then === 'exit' ? 10_000 : 300;
    await fetch(app.url(`/talk?lines=${lines}&then=${then}`), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 2);
    // The output has pipes of its own, which may be read later than that of the events.
    await app.until(() =>
      [app.stdout, app.stderr].every(output => linesOf(output, pid).length >= lines),
    );
    expect(linesOf(app.stdout, pid)).toEqual(upTo(lines));
    expect(linesOf(app.stderr, pid)).toEqual(upTo(lines));
    const status = (await (await fetch(app.url('/status'))).json()) as HostStatus;
    expect(status.discardedOutput).toBe(0);
    if (then === 'throw') {
      expect(app.stderr).toContain('Error: crashed after many words');
      expect(status.workers[0]!.lastExit!.error).toBe('Error: crashed after many words');
    } else {
      expect(status.workers[0]!.lastExit).toMatchObject({ code: 3, reason: 'crashed' });
      expect(status.workers[0]!.lastExit!.error!.length).toBeLessThanOrEqual(500);
    }
  });

  it('arrives although the host ends with it', async () => {
    const app = await Application.ready('http/express', { env: { CLUSTER_WORKERS: '1' } });
    const { pid } = app.of('workerReady')[0]!;
    app.pauseOutput();
    await fetch(app.url('/talk?lines=1000'), { method: 'POST' });
    app.signal('SIGTERM');
    await app.until(() => app.count('workerExited') === 1);
    app.resumeOutput();
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(linesOf(app.stdout, pid)).toEqual(upTo(1_000));
    expect(linesOf(app.stderr, pid)).toEqual(upTo(1_000));
    expect(app.stdout).toContain('Stopped after');
  });
});

describe('standard output and standard error in one pipe', () => {
  it('have whole lines, even if the pipe is full', async () => {
    const app = await Application.ready('http/express', { combined: true });
    app.pauseOutput();
    const talks = [1, 2].map(() => fetch(app.url('/talk?lines=3000'), { method: 'POST' }));
    await app.until(() => app.count('workerOutputPaused') > 0);
    app.resumeOutput();
    await Promise.all(talks);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    const lines = app.stdout.match(/^.*line \d+ of.*$/gm) ?? [];
    expect(lines.filter(line => !/^\d+ line \d+ of 3000 \.+$/.test(line))).toEqual([]);
    expect(lines).toHaveLength(4 * 3_000);
    expect(app.stderr).toBe('');
  });
});

/** Milliseconds for which nobody reads the log. A silent worker would be killed earlier; see docs/recorded-runs.md. */
const PAUSE = 1_000 * Number(process.env['LOG_PAUSE_SECONDS'] ?? 5);

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a log that is not read', () => {
  it(
    'ends nobody while its reader pauses, costs bounded memory, and then has every line',
    async () => {
      const app = await Application.ready('http/express', {
        env: { CLUSTER_HEARTBEAT_INTERVAL: '250', CLUSTER_HEARTBEAT_TIMEOUT: '3000' },
      });
      const pids = app.of('workerReady').map(({ pid }) => pid);
      // Node hands a worker one connection at a time, so only one client waits for the worker whose output is paused.
      const load = new Load(app.url('/hello'), { oneShot: 4, patience: PAUSE + 20_000 });
      await load.untilAnswered(200);
      const before = memoryOf(app.pid);
      app.pauseOutput();
      await fetch(app.url('/talk?lines=12000'), { method: 'POST' });
      await app.until(() => app.count('workerOutputPaused') > 0);
      const pausedAt = Date.now();
      const { answered } = load.report;
      await app.until(() => Date.now() - pausedAt > PAUSE, PAUSE + 10_000);
      expect(load.report.answered).toBeGreaterThan(answered + 100);
      expect(app.count('workerExited')).toBe(0);
      expect(memoryOf(app.pid) - before).toBeLessThan(60 * 2 ** 20);
      app.resumeOutput();
      await app.until(() => app.noted('has-talked').length === 1);
      const { pid } = app.noted('has-talked')[0]!;
      expect(await load.stop()).toMatchObject({ cut: 0, refused: 0, hung: 0, failed: 0 });
      await app.until(() => app.stderr.includes(`${pid} line 12000 of`));
      expect(linesOf(app.stdout, pid)).toEqual(upTo(12_000));
      expect(linesOf(app.stderr, pid)).toEqual(upTo(12_000));
      expect(app.of('workerOutputResumed').some(({ duration }) => duration > 0.8 * PAUSE)).toBe(
        true,
      );
      expect(app.of('workerReady').map(worker => worker.pid)).toEqual(pids);
      expect(app.output).toMatch(/was not read for \d+\.\d s/);
    },
    PAUSE + 60_000,
  );

  it('does not end the host nor its workers when it is closed, and says how much was lost', async () => {
    const app = await Application.ready('http/express');
    const [victim] = app.of('workerReady');
    const load = new Load(app.url('/hello'), { oneShot: 4 });
    app.closeOutput();
    await fetch(app.url('/talk?lines=20000'), { method: 'POST' });
    process.kill(victim!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 3);
    await fetch(app.url('/talk?lines=100&then=throw'), { method: 'POST' });
    await app.until(() => app.count('workerReady') === 4);
    await load.untilAnswered(load.report.answered + 100);
    expect((await load.stop()).failed).toBe(0);
    const status = (await (await fetch(app.url('/status'))).json()) as HostStatus;
    expect(status.discardedOutput).toBeGreaterThan(100 * 1_024);
    expect(status.workers.map(({ lastExit }) => lastExit?.error)).toContain(
      'Error: crashed after many words',
    );
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });
});
