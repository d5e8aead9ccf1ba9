import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { Application, type ApplicationOptions } from '../support/application.js';
import { fixturesDirectory } from '../support/ioredis/ioredis-versions.mjs';
import { eventually } from '../support/eventually.js';
import { childrenOf } from '../support/processes.js';
import { Load } from '../support/load.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const START = ['--import', `${root}dist/start.js`];

afterEach(() => Application.endAll());

function start(fixture: string, options: ApplicationOptions = {}): Promise<Application> {
  const { nodeArgs = [] } = options;
  return Application.start(fixture, { ...options, nodeArgs: [...nodeArgs, ...START] });
}

async function ready(
  fixture: string,
  workers: number,
  options: ApplicationOptions = {},
): Promise<Application> {
  const app = await start(fixture, options);
  await app.until(() => app.stdout.includes(`${workers} workers ready`));
  return app;
}

/** The processes that have evaluated the main file. */
const evaluatedIn = (app: Application): readonly number[] =>
  app.noted('evaluated').map(({ pid }) => pid);

/** The log records of the primary, with each number replaced by `#`. */
function recordsOf(app: Application): readonly string[] {
  const lines = app.stdout.split('\n').filter(line => line.includes(`"pid":${app.pid},`));
  return lines.map(line => line.replaceAll(/\d+(\.\d+)?( ms| s)?/g, '#')).toSorted();
}

async function workerOf(app: Application): Promise<number> {
  let [worker] = await childrenOf(app.pid);
  await eventually(
    async () => {
      [worker] = await childrenOf(app.pid);
      return worker !== undefined;
    },
    10_000,
    () => app.output,
  );
  return worker!;
}

describe('a primary that does not load the application', () => {
  it('loads neither the main file nor Nest', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
    const loaded = join(directory, 'loaded');
    const app = await ready('options', 2, {
      env: { LOADED: loaded },
      nodeArgs: ['--import', `${root}test/support/list-loaded.mjs`],
    });
    const lines = (await readFile(loaded, 'utf8')).trim().split('\n');
    await rm(directory, { recursive: true });
    const inPrimary = lines.filter(line => line.startsWith(`${app.pid} `));
    expect(new Set(evaluatedIn(app))).toEqual(new Set(app.of('workerReady').map(({ pid }) => pid)));
    expect(lines.some(line => line.includes('@nestjs/core'))).toBe(true);
    expect(inPrimary.some(line => line.includes('/dist/'))).toBe(true);
    expect(inPrimary.filter(line => /@nestjs|rxjs|options\.js/.test(line))).toEqual([]);
  });

  it('prints the lines that an ordinary primary prints', async () => {
    const [light, ordinary] = await Promise.all([
      ready('options', 2, { env: { CLUSTER_LOGGER: 'json' } }),
      Application.ready('options', { env: { CLUSTER_LOGGER: 'json' } }),
    ]);
    await ordinary.until(() => ordinary.stdout.includes('2 workers ready'));
    expect(recordsOf(light)).toEqual(recordsOf(ordinary));
    expect(recordsOf(light).length).toBeGreaterThan(2);
  });

  it.each([
    ['the environment', { CLUSTER_WORKERS: '3' }],
    ['the code', { CLUSTER_WORKERS: '', OPTIONS: '{"workers":3}' }],
    ['the code, which is asked for fewer', { CLUSTER_WORKERS: '4', OPTIONS: '{"workers":3}' }],
    ['the code, which is asked for more', { CLUSTER_WORKERS: '2', OPTIONS: '{"workers":3}' }],
  ])('takes the number of workers from %s', async (_, env) => {
    const app = await ready('options', 3, { env });
    // The events come on another pipe than the log.
    await app.until(() => app.count('workerReady') >= 3);
    expect(app.of('workerReady').map(({ slot }) => slot)).toHaveLength(3);
    expect(new Set(app.of('workerReady').map(({ slot }) => slot))).toEqual(new Set([0, 1, 2]));
    const warning =
      /CLUSTER_WORKERS is \d, but the code of the application sets the option workers to 3/;
    expect(warning.test(app.output)).toBe(Number(env.CLUSTER_WORKERS || 3) !== 3);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await app.noneLeft();
  });

  it('takes the options from a factory of forRootAsync()', async () => {
    const app = await ready('config-service', 3, {
      env: { CLUSTER_WORKERS: '', SETTINGS_WORKERS: '3' },
    });
    expect(app.count('workerForked')).toBe(3);
    expect(app.output).not.toContain('The primary needs');
  });

  it('reloads, scales, and replaces a killed worker without losing a request', async () => {
    const app = await ready('options', 2);
    const load = new Load(app.url('/hello?ms=5'), { keepAlive: 4, oneShot: 4 });
    await load.untilAnswered(50);
    app.signal('SIGHUP');
    await app.until(() => app.stdout.includes('Reloaded to generation 1'));
    app.signal('SIGTTIN');
    await app.until(() => app.count('workerReady') === 5);
    expect(await load.stop()).toMatchObject({ refused: 0, cut: 0, hung: 0, failed: 0 });
    const { pid } = app.of('workerReady').find(({ generation }) => generation === 1)!;
    process.kill(pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 6);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await app.noneLeft();
  });

  it('is started by the command, which passes the arguments on', async () => {
    const app = await Application.start('options', {
      nodeArgs: [`${root}dist/cli/main.js`, 'start', '--workers', '3'],
    });
    await app.until(() => app.stdout.includes('3 workers ready'));
    expect(evaluatedIn(app)).toHaveLength(3);
    expect(evaluatedIn(app)).not.toContain(app.pid);
  });
});

describe('where the primary must load the application', () => {
  it('says why, and serves', async () => {
    const app = await ready('options', 2, { env: { CALLBACKS: 'workerReady' } });
    expect(app.stdout).toMatch(
      /The primary needs the application: the option events\.workerReady is a function\. This process has loaded/,
    );
    expect(app.noted('callback')).toMatchObject([{ pid: app.pid }, { pid: app.pid }]);
    expect(evaluatedIn(app)).toContain(app.pid);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await app.noneLeft();
  });

  it.each(['context', 'script'])('an application context runs in one process: %s', async name => {
    const app = await start(`kinds/${name}`);
    await app.until(() => app.noted('constructed').length === 1);
    expect(app.noted('constructed')).toMatchObject([{ pid: app.pid }]);
    expect(app.events).toEqual([]);
    app.signal('SIGTERM');
    await app.exited;
    await app.noneLeft();
  });

  it('an application without ClusterModule runs in one process, with a warning', async () => {
    const app = await start('kinds/task', { env: { TASK: 'serve' } });
    await app.until(() => app.noted('evaluated').some(({ pid }) => pid === app.pid));
    expect(app.output).toMatch(/Worker 0 \(pid \d+\) listens, but has not created an application/);
    let answer = '';
    await eventually(
      async () => {
        answer = await fetch(app.url('/'))
          .then(response => response.text())
          .catch(() => '');
        return answer !== '';
      },
      10_000,
      () => app.output,
    );
    expect(answer).toBe(String(app.pid));
    const inPrimary = app.noted('evaluated').find(({ pid }) => pid === app.pid)!;
    expect(inPrimary['host']).toBeNull();
    expect(inPrimary['title']).not.toBe('nest primary');
    expect(await childrenOf(app.pid)).toEqual([]);
  });

  it('invalid options are reported once, as without it', async () => {
    const app = await start('faults/unknown-option');
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app.output.match(/Did you mean/g)).toHaveLength(1);
    await app.noneLeft();
  });

  it('a worker that ends before its options are known is named, and the host serves', async () => {
    const app = await ready('options', 2, {
      nodeArgs: ['--import', `${root}test/support/end-first-worker.mjs`],
    });
    expect(app.stdout).toMatch(
      /Worker 0 \(pid \d+\) exited with code 3 before its options were known\. This process has loaded/,
    );
    expect(app.stdout).toContain('ends early');
    expect(evaluatedIn(app)).toContain(app.pid);
  });

  it('an option that comes too late for the first fork is refused with the remedy', async () => {
    const app = await start('options', { env: { OPTIONS: '{"scheduling":"shared"}' } });
    expect(await app.exited).toEqual({ code: 1, signal: null });
    expect(app.stderr).toMatch(/FATAL \[Cluster\] .*Set CLUSTER_SCHEDULING=shared/);
    await app.noneLeft();
  });
});

describe('before the options are known', () => {
  const HANGING = ['--import', `${root}test/support/hang-in-worker.mjs`];

  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the host', async signal => {
    const app = await Application.start('options', { nodeArgs: [...START, ...HANGING] });
    await workerOf(app);
    await app.rememberProcesses();
    app.signalGroup(signal);
    expect(await app.exited).toEqual({ code: null, signal });
    await app.noneLeft();
  });

  it('a main file that does not create an application is named in a warning', async () => {
    const app = await Application.start('options', {
      nodeArgs: [...START, ...HANGING],
      env: { CLUSTER_BOOT_TIMEOUT: '300' },
    });
    await app.until(() => app.output.includes('Does the application import ClusterModule'));
    await app.until(() => app.stdout.includes('hangs'));
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: null, signal: 'SIGTERM' });
  });
});

describe('a main file without an application', () => {
  it.each([
    ['with --import', START],
    ['with the command', [`${root}dist/cli/main.js`, 'start']],
  ])('ends when its work is done: %s', async (_, nodeArgs) => {
    const app = await Application.start('kinds/task', { nodeArgs, env: { CLUSTER_WORKERS: '' } });
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.stdout).toContain('done\n');
    expect(app.noted('evaluated')).toMatchObject([{ task: null }]);
    await app.noneLeft();
  });

  it('loses no output when it exits', async () => {
    const app = await start('kinds/task', { env: { TASK: 'exit', CLUSTER_WORKERS: '' } });
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(app.stdout).toContain(`${'x'.repeat(200_000)}\nlast words\n`);
  });
});

describe('in other processes, it does nothing', () => {
  it.each([
    ['with CLUSTER_WORKERS=0', { CLUSTER_WORKERS: '0' }],
    ['in a test run', { CLUSTER_WORKERS: '', NODE_ENV: 'test' }],
  ])('%s', async (_, env) => {
    const app = await start('options', { env });
    await app.until(() => app.count('workerReady') === 1);
    expect(evaluatedIn(app)).toEqual([app.pid]);
  });

  it('in a process that was forked, which its parent talks to', async () => {
    const env = { PATH: process.env['PATH'] ?? '', CLUSTER_WORKERS: '2' };
    const child = fork(`${fixturesDirectory()}/kinds/task.js`, {
      execArgv: START,
      env,
      silent: true,
    });
    const printed = text(child.stdout!);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await printed).toMatch(
      new RegExp(`^@{"what":"evaluated","pid":${child.pid},.*\ndone\n$`),
    );
  });

  it('without a main file', () => {
    const options = { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } } as const;
    const printed = execFileSync(process.execPath, [...START, '-p', '1 + 1'], options);
    expect(printed).toBe('2\n');
  });
});
