import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InspectorSession } from '../../src/supervisor/diagnostics/inspector-session.js';
import { acceptsConnections } from '../support/accepts-connections.js';
import { Application } from '../support/application.js';
import { CommandLine } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { actsAsOtherUser, asOtherUser } from '../support/other-user.js';
import { PeakMemory, tellsPeakMemory } from '../support/peak-memory.js';
import { isAlive } from '../support/processes.js';

/**
 * Milliseconds without a heartbeat after which a worker is killed. A busy machine needs some of them to start a command
 * for a blocked worker. Profiles take longer.
 */
const HEARTBEAT_TIMEOUT = 4_000;

/** The size of a heap snapshot; `npm run verify:heap` takes a larger one. */
const MEGABYTES = Number(process.env['HEAP_MEGABYTES'] ?? 30);

/** Bytes by which the primary may grow. Its garbage is collected when there is enough of it. */
const MAX_GROWTH = 128 * 2 ** 20;

// One host is shared by all tests; the last ones replace its workers.
let directory: string;
let app: Application;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'inspect-'));
  app = await Application.ready('inspect/main', {
    env: {
      CLUSTER_CONTROL: join(directory, 'control'),
      CLUSTER_NAMESPACE: 'billing',
      CLUSTER_HEARTBEAT_INTERVAL: '250',
      CLUSTER_HEARTBEAT_TIMEOUT: String(HEARTBEAT_TIMEOUT),
    },
  });
});

afterAll(async () => {
  await Application.endAll();
  await rm(directory, { recursive: true, force: true });
});

function start(...args: readonly string[]): CommandLine {
  const env = { CLUSTER_CONTROL: join(directory, 'control') };
  return new CommandLine([...args, '--pid', String(app.pid)], 'pipe', env, directory);
}

async function run(...args: readonly string[]) {
  const command = start(...args);
  const code = await command.ended;
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** Traces an idle worker; again, if one of the package's own timers was running. */
async function traceOfIdle(...args: readonly string[]): Promise<string> {
  for (;;) {
    const { code, stdout } = await run('trace', ...args);
    expect(code).toBe(0);
    if (!stdout.includes('Timeout._onTimeout')) {
      return stdout;
    }
  }
}

/** The process that has the slot. */
const pidOf = (slot: number): number =>
  app.of('workerReady').findLast(event => event.slot === slot)!.pid;

const slotOf = (pid: number): string =>
  String(app.of('workerReady').findLast(event => event.pid === pid)!.slot);

interface Report {
  readonly pid: number;
  readonly inspector: string | null;
}

const call = async (path: string, method = 'GET'): Promise<Report> => {
  const response = await fetch(app.url(path), { method, headers: { connection: 'close' } });
  return (await response.json()) as Report;
};

/** Blocks a worker until `end()`. */
async function blockOne() {
  const file = join(directory, `go-on-${app.noted('blocked').length}`);
  const before = app.noted('blocked').length;
  const answer = call(`/block?until=${encodeURIComponent(file)}`, 'POST');
  await app.until(() => app.noted('blocked').length > before);
  answer.catch(() => {});
  const { pid } = app.noted('blocked').at(-1)!;
  return {
    slot: slotOf(pid),
    pid,
    answered: answer,
    /** Resolves with what the worker reports when its event loop has turned. */
    end: async () => {
      await writeFile(file, '');
      return answer;
    },
  };
}

async function refuses(address: string): Promise<boolean> {
  const { port } = new URL(address);
  return !(await acceptsConnections({ port: Number(port), host: '127.0.0.1' }));
}

describe('an idle worker', () => {
  it('has no stack', async () => {
    const text = await traceOfIdle('0');
    expect(text).toMatch(/^Worker 0 \(pid \d+\) runs no JavaScript/);
    const json = await traceOfIdle('1', '--json');
    expect(JSON.parse(json)).toEqual({ slot: 1, pid: pidOf(1) });
  });

  it('writes a heap snapshot that only its user can read', async () => {
    const { code, stdout, stderr } = await run('heap', '0');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/blocks the worker[^]*DevTools/)]);
    const file = stdout.trim();
    expect(file).toMatch(/\/inspect-\w+\/billing-0-\d{8}T\d{6}\.heapsnapshot$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { snapshot, strings } = JSON.parse(await readFile(file, 'utf8')) as {
      snapshot: { node_count: number };
      strings: string[];
    };
    expect(snapshot.node_count).toBeGreaterThan(10_000);
    expect(strings).toContain('InvoiceController');
  });

  it(`writes a snapshot of ${MEGABYTES} MB without growing the primary`, async () => {
    const { pid } = await call(`/hold?megabytes=${MEGABYTES}`, 'POST');
    const memory = tellsPeakMemory ? new PeakMemory(app.pid) : undefined;
    const begin = performance.now();
    const { code, stdout } = await run('heap', slotOf(pid), '--json');
    const { bytes, file } = JSON.parse(stdout) as { bytes: number; file: string };
    const growth = memory?.growth ?? 0;
    if (process.env['HEAP_MEGABYTES']) {
      const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
      console.log(`${bytes / 1e6} MB in ${seconds} s; the primary grew by ${growth / 1e6} MB`);
    }
    expect([code, (await stat(file)).size]).toEqual([0, bytes]);
    expect(bytes).toBeGreaterThan(MEGABYTES * 1_000_000);
    expect(growth).toBeLessThan(MAX_GROWTH);
    await rm(file);
    expect(app.count('workerExited')).toBe(0);
    expect(isAlive(pid)).toBe(true);
  }, 300_000);

  const asRoot = actsAsOtherUser ? it : it.skip;
  // It has written a heap snapshot above.
  asRoot('refuses another user of the machine, who can read nothing of it', async () => {
    await chmod(directory, 0o755);
    const control = join(directory, 'control');
    const socket = join(
      control,
      (await readdir(control)).find(name => name.endsWith('.sock'))!,
    );
    const snapshot = (await readdir(directory)).find(name => name.endsWith('.heapsnapshot'))!;
    const files = [join(directory, snapshot)];
    const tried = await asOtherUser({ socket, directories: [directory, control], files });
    expect(tried).toEqual(['EACCES', 'done', 'EACCES', 'EACCES']);
  });

  it('overwrites no file', async () => {
    await writeFile(join(directory, 'mine'), 'text');
    const { code, stderr } = await run('cpu', '0', '--output', 'mine');
    expect([code, stderr]).toEqual([1, expect.stringContaining('it exists already')]);
    expect(await readFile(join(directory, 'mine'), 'utf8')).toBe('text');
  });

  it.each([
    [['trace', '7'], /There is no slot 7/, 2],
    [['cpu', '0', '--seconds', '301'], /from 1 to 300/, 2],
    [['heap', '0', '--output', 'no/such/directory'], /ENOENT[^]*--output/, 1],
  ])('%j fails with %s and the code %d', async (args, text, exitCode) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([exitCode, expect.stringMatching(text)]);
  });
});

describe('a blocked worker', () => {
  it('has its stack and profile taken, is not killed meanwhile, and continues without an inspector', async () => {
    const blocked = await blockOne();
    const traced = await run('trace', blocked.slot);
    expect(traced.stdout).toMatch(
      /(is running|has been blocked for at least [\d.]+ m?s):\n {4}at InvoiceService\.computeTotals \(file:.*\/inspect\/main\.ts:\d+:\d+\)\n {4}at InvoiceController\.block \(file:.*\/inspect\/main\.ts:37:\d+\)/,
    );
    const file = join(directory, 'busy.cpuprofile');
    const profiled = await run('cpu', blocked.slot, '--seconds', '5', '--output', file);
    expect([profiled.code, profiled.stdout]).toEqual([0, `${file}\n`]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(hottest(await readFile(file, 'utf8'))).toBe('computeTotals');
    expect(await blocked.end()).toEqual({ pid: blocked.pid, inspector: null });
    expect(app.count('workerExited')).toBe(0);
  });

  it('is killed for its silence when nobody looks into it any more', async () => {
    const { slot, pid, answered } = await blockOne();
    const { code } = await run('trace', slot);
    expect(code).toBe(0);
    await app.until(() => app.of('workerExited').some(exit => exit.pid === pid));
    expect(app.of('workerExited').at(-1)).toMatchObject({ pid, reason: 'hung' });
    await expect(answered).rejects.toThrow();
    await app.until(() => String(pidOf(Number(slot))) !== String(pid));
  });
});

/** Opens the inspector of a worker. */
async function inspected(slot: string) {
  const command = start('inspect', slot, '--json');
  await command.until(() => command.stdout.includes('\n'));
  const { url } = JSON.parse(command.stdout.split('\n')[0]!) as { url: string };
  return { command, url };
}

describe('an open inspector', () => {
  it('listens on the loopback interface until Ctrl-C, also while a debugger has stopped the worker', async () => {
    const { command, url } = await inspected('0');
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/[\w-]{36}$/);
    const over = new AbortController();
    const session = await InspectorSession.open(new URL(url), over.signal);
    expect(await session.evaluate('process.pid')).toBe(pidOf(0));
    const paused = new Promise(resolve => session.on('Debugger.paused', resolve));
    await session.command('Debugger.enable');
    await session.command('Debugger.pause');
    await paused;
    const busy = await run('trace', '0');
    expect([busy.code, busy.stderr]).toEqual([1, expect.stringContaining('inspected already')]);
    expect((await run('trace', '1')).code).toBe(0);
    command.interrupt();
    expect(await command.ended).toBe(0);
    await session.closed;
    await eventually(
      () => refuses(url),
      5_000,
      () => url,
    );
    expect(await run('trace', '0')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is closed if the command is killed', async () => {
    const { command, url } = await inspected('1');
    expect(await refuses(url)).toBe(false);
    command.kill();
    await eventually(
      () => refuses(url),
      5_000,
      () => url,
    );
  });

  it('does not keep a worker that exits', async () => {
    const profiles = [0, 1].map(slot => start('cpu', String(slot), '--seconds', '60'));
    await Promise.all(
      profiles.map(each => each.until(() => each.stderr.includes('Profiling worker'))),
    );
    const exits = app.count('workerExited');
    await fetch(app.url('/exit'), { method: 'POST' }).catch(() => {});
    await app.until(() => app.count('workerExited') > exits);
    const { slot, pid } = app.of('workerExited').at(-1)!;
    expect(isAlive(pid)).toBe(false);
    expect(await profiles[slot]!.ended).toBe(1);
    expect(profiles[slot]!.stderr).toMatch(/it has exited/);
    profiles[1 - slot]!.interrupt();
    await profiles[1 - slot]!.ended;
    // The profile that nobody waits for is given up.
    await eventually(
      async () => (await run('trace', String(1 - slot))).code === 0,
      10_000,
      () => app.output,
    );
  });
});

it('is found by nobody else if Node does not publish its address', async () => {
  const shared = app;
  app = await Application.ready('inspect/main', {
    env: {
      CLUSTER_CONTROL: join(directory, 'control'),
      CLUSTER_NAMESPACE: 'private',
      CLUSTER_WORKERS: '1',
      NODE_OPTIONS: '--inspect-publish-uid=stderr --inspect-port=0',
    },
  });
  try {
    const { command, url } = await inspected('0');
    const { status } = await fetch(`http://${new URL(url).host}/json/list`);
    expect(status).toBe(404);
    const session = await InspectorSession.open(new URL(url), new AbortController().signal);
    expect(await session.evaluate('process.pid')).toBe(pidOf(0));
    session.close();
    command.interrupt();
    expect(await command.ended).toBe(0);
  } finally {
    app = shared;
  }
});

it('says nothing of its inspectors in the log of the host', () => {
  expect(app.output).not.toMatch(/[Dd]ebugger|nodejs\.org/);
});

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
}

/** The function of most samples. */
function hottest(text: string): string {
  const { nodes, samples } = JSON.parse(text) as Profile;
  const counts = new Map<string, number>();
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  for (const id of samples) {
    const name = names.get(id) ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]![0];
}
