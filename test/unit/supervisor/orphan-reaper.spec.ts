import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OrphanReaper, orphanScript, startShell } from '../../../src/supervisor/orphan-reaper.js';
import { FakeClock, settle } from '../../support/fakes/fake-clock.js';

describe('the guard of orphans', () => {
  let proc: string;
  let sleepers: ChildProcess[];

  beforeEach(async () => {
    proc = await mkdtemp(join(tmpdir(), 'proc-'));
    await mkdir(join(proc, 'self'));
    sleepers = Array.from({ length: 2 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }));
    await Promise.all(sleepers.map(({ pid }) => startedAt(pid!, 100)));
  });

  afterEach(async () => {
    sleepers.forEach(sleeper => sleeper.kill('SIGKILL'));
    await rm(proc, { recursive: true });
  });

  async function startedAt(pid: number, start: number): Promise<void> {
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), String(start), '0'];
    await mkdir(join(proc, String(pid)), { recursive: true });
    await writeFile(
      join(proc, String(pid), 'stat'),
      `${pid} (nest (worker) 0) ${fields.join(' ')}\n`,
    );
  }

  async function pipe(pid: number): Promise<string> {
    await mkdir(join(proc, String(pid)));
    const path = join(proc, String(pid), 'stat');
    await promisify(execFile)('mkfifo', [path]);
    return path;
  }

  it('kills what it was told of, but no other process that has got the same id since', async () => {
    const [ours, recycled] = sleepers.map(({ pid }) => pid!);
    const shell = spawn('/bin/sh', ['-c', orphanScript(1, proc)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const looks = await pipe(1);
    shell.stdin.write(`${ours} ${recycled}\n`);
    shell.stdin.write(`${recycled} ${ours} 1\n`);
    const killed = once(sleepers[0]!, 'exit');
    // It waits here until the shell looks at that process, after the others.
    await writeFile(looks, '1 (ended) Z\n');
    await startedAt(recycled!, 200);
    shell.stdin.end();
    await once(shell, 'exit');
    expect(await killed).toEqual([null, 'SIGKILL']);
    expect(sleepers[1]!.signalCode).toBeNull();
  });

  it('kills nothing where nothing is left', async () => {
    const shell = spawn('/bin/sh', ['-c', orphanScript(1, proc)], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    shell.stdin.write(`${sleepers[0]!.pid}\n\n`);
    shell.stdin.end();
    expect(await once(shell, 'exit')).toEqual([0, null]);
    expect(sleepers[0]!.signalCode).toBeNull();
  });

  it('kills nothing where it cannot wait', async () => {
    const shell = spawn('/bin/sh', ['-c', orphanScript(1, proc)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: proc },
    });
    shell.stdin.write(`${sleepers[0]!.pid}\n`);
    shell.stdin.end();
    await once(shell, 'exit');
    const ended = once(sleepers[0]!, 'exit');
    sleepers[0]!.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });

  it('waits with what this process would wait with, once for each second of the grace', async () => {
    const [calls, path] = [join(proc, 'calls'), process.env['PATH']];
    await writeFile(join(proc, 'sleep'), `#!/bin/sh\necho "$@" >> ${calls}\n`, { mode: 0o755 });
    process.env['PATH'] = `${proc}:${path}`;
    const shell = startShell();
    process.env['PATH'] = path;
    const killed = once(sleepers[0]!, 'exit');
    shell.stdin!.end(`${sleepers[0]!.pid}\n`);
    expect(await killed).toEqual([null, 'SIGKILL']);
    expect(await readFile(calls, 'utf8')).toBe('1\n'.repeat(4));
  });
});

describe('OrphanReaper', () => {
  class FakeShell extends EventEmitter {
    readonly stdin = new PassThrough();

    get lines(): string {
      return String(this.stdin.read() ?? '');
    }
  }

  let clock: FakeClock;
  let shells: FakeShell[];
  let ended: number;
  let reaper: OrphanReaper;

  beforeEach(() => {
    clock = new FakeClock();
    shells = [];
    ended = 0;
    reaper = new OrphanReaper(
      () => ended++,
      clock,
      () => {
        shells.push(new FakeShell());
        return shells.at(-1) as unknown as ChildProcess;
      },
    );
  });

  it('starts another shell when one ends, and tells it of all workers', async () => {
    reaper.watch([11, 12]);
    await settle();
    expect(shells[0]!.lines).toBe('11 12\n');
    shells[0]!.emit('exit', null, 'SIGKILL');
    reaper.watch([12, 13]);
    await clock.advance(999);
    expect([ended, shells.length]).toEqual([0, 1]);
    await clock.advance(1);
    expect(ended).toBe(1);
    expect(shells[1]!.lines).toBe('12 13\n');
    reaper.dismiss();
    expect(shells[1]!.lines).toBe('\n');
    expect(shells[1]!.stdin.writableEnded).toBe(true);
    shells[1]!.emit('exit', 0, null);
    await clock.advance(10_000);
    expect(shells).toHaveLength(2);
    expect(ended).toBe(1);
  });

  it('is silent about a signal that the primary gets a moment later, too', async () => {
    reaper.watch([11]);
    await settle();
    shells[0]!.emit('exit', null, 'SIGTERM');
    await clock.advance(900);
    reaper.stopping();
    reaper.watch([]);
    await clock.advance(60_000);
    expect([ended, shells.length, clock.pending]).toEqual([0, 1, 0]);
  });

  it('guards the workers of a host that stops, but starts no other shell', async () => {
    reaper.watch([11, 12]);
    await settle();
    reaper.stopping();
    reaper.watch([12]);
    await settle();
    expect(shells[0]!.lines).toBe('11 12\n12\n');
    shells[0]!.emit('exit', null, 'SIGTERM');
    reaper.watch([]);
    await clock.advance(60_000);
    reaper.dismiss();
    expect([ended, shells.length]).toEqual([0, 1]);
  });

  it('starts no first shell in a host that stops already', async () => {
    reaper.stopping();
    reaper.watch([11]);
    await settle();
    expect(shells).toEqual([]);
  });
});

describe('a guard that cannot be started', () => {
  it('is started again later, and its primary lives', async () => {
    const clock = new FakeClock();
    let starts = 0;
    let warnings = 0;
    const shell = Object.assign(new EventEmitter(), { stdin: new PassThrough() });
    const reaper = new OrphanReaper(
      () => void warnings++,
      clock,
      () => {
        starts++;
        if (starts === 1) {
          throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
        }
        return shell as unknown as ChildProcess;
      },
    );
    reaper.watch([1]);
    await settle();
    expect([starts, warnings]).toEqual([1, 0]);
    await clock.advance(60_000);
    expect([starts, warnings]).toEqual([2, 1]);
    shell.emit('error', Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' }));
    await clock.advance(60_000);
    expect([starts, warnings]).toEqual([3, 2]);
    reaper.dismiss();
  });
});
