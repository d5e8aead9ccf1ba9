import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostStatus } from '../../src/index.js';
import { Application } from '../support/application.js';
import { CommandLine, type Output } from '../support/command-line.js';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';

// One host is shared by all tests. They run in this order, and the last one stops it.
let directory: string;
let brokenRelease: string;
let app: Application;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'));
  brokenRelease = join(directory, 'broken');
  app = await Application.ready('control/main', {
    env: { CLUSTER_CONTROL: join(directory, 'control'), BROKEN_RELEASE: brokenRelease },
  });
});

afterAll(async () => {
  await Application.endAll();
  await rm(directory, { recursive: true, force: true });
});

/** Starts the command in the directory of the application. */
function start(output: Output, ...args: readonly string[]): CommandLine {
  const env = { CLUSTER_CONTROL: join(directory, 'control') };
  return new CommandLine(args, output, env, fixturesDirectory());
}

async function run(output: Output, ...args: readonly string[]) {
  const command = start(output, ...args);
  const code = await command.ended;
  const { stdout, stderr, text } = command;
  return { code, stdout, stderr, text };
}

async function statusNow(): Promise<HostStatus> {
  return JSON.parse((await run('pipe', 'status', '--json')).stdout) as HostStatus;
}

const workerPids = async (): Promise<number[]> => (await statusNow()).workers.map(({ pid }) => pid);

const sell = (): Promise<Response> =>
  fetch(app.url('/sales'), { method: 'POST', headers: { connection: 'close' } });

/** A text without its colors. */
const plain = (text: string): string => stripVTControlCharacters(text).replaceAll('\r\n', '\n');

it('opens a socket that only its user can reach', async () => {
  const control = join(directory, 'control');
  expect((await stat(control)).mode & 0o777).toBe(0o700);
  const names = await readdir(control);
  expect(names).toEqual([`fixtures-${app.pid}.sock`]);
  expect((await stat(join(control, names[0]!))).mode & 0o777).toBe(0o600);
});

describe.each(['pipe', 'terminal'] as const)('in a %s', output => {
  it.each([
    [['status'], /^fixtures \(pid \d+, .* 2 of 2 workers ready/m, 0],
    [['status', '--json'], /^\{"name":"fixtures",.*"ready":2,.*\}$/m, 0],
    [
      ['status', '--pid', '1'],
      /No host with the process id 1 was found[^]*--pid \d+ {2}fixtures/,
      3,
    ],
    [['jobs'], /^yearly +cron +once +active +- +- +- +\d{4}-01-01 00:00:00$/m, 0],
    [['jobs', '--json'], /^\[\{"name":"yearly",.*\}\]$/m, 0],
    [['doctor'], /throttler.*: ThrottlerModule counts in the memory/, 1],
    [['metrics'], /^sold_total \d+$/m, 0],
    [['top', '--count', '1'], /2 of 2 workers ready/, 0],
    [['scale', '-9'], /There are 2 workers, and -7 are not possible/, 2],
    [['restart', '7'], /There is no slot 7/, 2],
    [['relaod'], /Did you mean reload\?/, 2],
    [['help', 'reload'], /^Usage: nestjs-cluster reload \[options\]/m, 0],
    [['verify', '--help'], /--keep-alive <count>/, 0],
  ])('%j shows %s and exits with %d', async (args, text, exitCode) => {
    const { code, ...shown } = await run(output, ...args);
    expect(plain(shown.text)).toMatch(text);
    expect(code).toBe(exitCode);
    const usesColors = output === 'terminal' && ['status', 'jobs', 'doctor'].includes(args[0]!);
    if (usesColors && exitCode < 2 && !args.includes('--json')) {
      expect(shown.text).toContain('\u001B[');
    } else if (output === 'pipe') {
      expect(shown.text).not.toContain('\u001B');
    }
  });

  it('follows the output of the workers, and ends with Ctrl-C', async () => {
    const logs = start(output, 'logs');
    await logs.until(() => logs.text.includes('Starting Nest application'));
    const pid = Number(await (await sell()).text());
    const shows = (line: string): boolean =>
      new RegExp(`^\\d \\| ${line} ${pid}$`, 'm').test(plain(logs.stdout));
    await logs.until(() => shows('sold by') && shows('problem of'));
    logs.interrupt();
    await logs.ended;
  });

  it('restarts one worker, which others see as events', async () => {
    const events = start(output, 'events');
    const before = await workerPids();
    const restarted = await run(output, 'restart', '1');
    expect(restarted.code).toBe(0);
    expect(restarted.text).toContain('Restarted the worker in slot 1');
    const after = await workerPids();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    // It may have begun to listen after the first of them.
    await events.until(() => events.stdout.includes(`pid ${before[1]}) has exited (left)`));
    events.interrupt();
    await events.ended;
  });
});

it('scales to a number, and by a number', async () => {
  const more = await run('pipe', 'scale', '+1', '--json');
  expect([more.code, JSON.parse(more.stdout)]).toEqual([0, { workers: 3 }]);
  const fewer = await run('terminal', 'scale', '2');
  expect([fewer.code, fewer.text]).toEqual([
    0,
    expect.stringContaining('The number of workers is 2.'),
  ]);
});

it('shows the workers live in a terminal, and leaves it as it was', async () => {
  const top = start('terminal', 'top');
  await top.until(() => (top.stdout.match(/workers ready/g) ?? []).length >= 2);
  top.type('q');
  expect(await top.ended).toBe(0);
  expect(top.stdout.startsWith('\u001B[?1049h')).toBe(true);
  expect(top.stdout.trimEnd().endsWith('\u001B[?25h\u001B[?1049l')).toBe(true);
});

it.each([
  ['q', 'q'],
  ['Ctrl-C', '\u0003'],
])('says that a suspended host does not answer, and ends with %s', async (_, key) => {
  const top = start('terminal', 'top');
  await top.until(() => top.stdout.includes('workers ready'));
  app.signal('SIGSTOP');
  try {
    await top.until(() => top.stdout.includes('The host does not answer'));
    top.type(key);
    expect(await top.ended).toBe(0);
    expect(top.stdout.trimEnd().endsWith('\u001B[?25h\u001B[?1049l')).toBe(true);
  } finally {
    app.signal('SIGCONT');
  }
});

it('survives that the reader of its output ends', async () => {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const command = `'${process.execPath}' '${main}' logs | head -n 1`;
  const shell = spawn('sh', ['-c', command], {
    cwd: fixturesDirectory(),
    env: { PATH: process.env['PATH'], CLUSTER_CONTROL: join(directory, 'control') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let noted = '';
  shell.stderr.on('data', (chunk: Buffer) => (noted += chunk.toString()));
  const closed = once(shell, 'close').then(() => true);
  // A process learns that its reader has ended when it writes.
  const more = (): Promise<boolean> => Promise.race([closed, sell().then(() => false)]);
  for (let hasClosed = false; !hasClosed;) {
    hasClosed = await more();
  }
  expect(noted).toBe('');
});

it('reloads, and waits until every worker has been replaced', async () => {
  const before = await workerPids();
  const { code, text, stderr } = await run('pipe', 'reload');
  expect(code).toBe(0);
  expect(text).toMatch(/^Reloaded to generation \d+ in .*\.$/m);
  const after = await workerPids();
  expect(after).toHaveLength(2);
  expect(after.filter(pid => before.includes(pid))).toEqual([]);
  after.forEach(pid => expect(stderr).toMatch(new RegExp(`pid ${pid}\\) is ready`)));
});

it.each(['pipe', 'terminal'] as const)(
  'prints why new code fails, with its output, and keeps the old workers (%s)',
  async output => {
    await writeFile(brokenRelease, '');
    const before = await workerPids();
    const { code, text } = await run(output, 'reload');
    expect(code).toBe(1);
    expect(text).toContain('The reload failed; workers that were not replaced continue to serve.');
    expect(text).toContain('  | The configuration of the new release is wrong');
    expect(text).toContain('Error: no database in the new release');
    expect(await workerPids()).toEqual(before);
    await rm(brokenRelease);
  },
);

it('prints a failure as JSON', async () => {
  await writeFile(brokenRelease, '');
  const { code, stdout, stderr } = await run('pipe', 'scale', '3', '--json');
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    error: { code: 'CLUSTER_SCALE_FAILED', worker: { slot: 2, reason: 'boot-failed' } },
  });
  await rm(brokenRelease);
});

it('stops the host, and waits until it exits', async () => {
  const { code, text } = await run('terminal', 'stop');
  expect(text).toContain('Stopped: the host exits with code 0.');
  expect(code).toBe(0);
  expect(await app.exited).toEqual({ code: 0, signal: null });
  expect(app.stdout).toContain('Stop requested on the control socket: draining 2 workers');
  expect(await readdir(join(directory, 'control'))).toEqual([]);
  expect(await run('pipe', 'status')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('No control socket is in'),
  });
});
