import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Application, type ApplicationOptions } from '../support/application.js';
import { onRedis } from '../support/application-backends.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const EARLY = ['--import', `${root}dist/start.js`];

let directory: string;
let files: Readonly<Record<'RELEASE' | 'GATE' | 'FAULT' | 'RUNNER', string>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-'));
  files = {
    RELEASE: join(directory, 'release'),
    GATE: join(directory, 'gate'),
    FAULT: join(directory, 'fault'),
    RUNNER: join(directory, 'runner'),
  };
  await deploy('one');
});

afterEach(async () => {
  await Application.endAll();
  await rm(directory, { recursive: true });
});

const deploy = (release: string): Promise<void> => writeFile(files.RELEASE, release);

const start = ({ env, ...options }: ApplicationOptions = {}): Promise<Application> =>
  Application.start('once/main', { ...options, env: { ...files, ...env } });

async function untilKnown(app: Application, processes: number): Promise<void> {
  await app.until(() => app.noted('knows inside').length >= processes);
  await app.until(() => app.count('workerReady') >= processes);
}

const pidsOf = (notes: readonly { readonly pid: number }[]): readonly number[] =>
  notes.map(({ pid }) => pid);

/** What all processes have learned. */
const results = (...apps: readonly Application[]): ReadonlySet<unknown> =>
  new Set(
    apps.flatMap(app =>
      [...app.noted('knows'), ...app.noted('knows inside')].map(({ result }) =>
        JSON.stringify(result),
      ),
    ),
  );

const ONE = new Set([JSON.stringify({ migrated: 'one' })]);

describe('a task that runs once', () => {
  it('runs in the primary before it forks, and after a deploy in one of the new workers', async () => {
    const app = await start();
    await untilKnown(app, 2);
    expect(pidsOf(app.noted('ends'))).toEqual([app.pid]);
    expect(results(app)).toEqual(ONE);

    // A worker that replaces another one finds the task done.
    process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
    await untilKnown(app, 3);
    expect(app.noted('begins')).toHaveLength(1);

    await deploy('two');
    app.signal('SIGHUP');
    await app.until(() => app.count('reloadFinished') === 1);
    const [first, second, ...others] = app.noted('ends');
    expect(others).toEqual([]);
    expect(pidsOf(app.of('workerForked'))).toContain(second!.pid);
    expect(second!['token']).toBeGreaterThan(first!['token'] as number);
    expect(app.noted('knows inside').at(-1)).toMatchObject({ result: { migrated: 'two' } });
  });

  it('passes to another worker if the one that runs it is killed', async () => {
    const app = await start();
    await untilKnown(app, 2);
    await deploy('two');
    await writeFile(files.GATE, '');
    app.of('workerReady').forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await app.until(() => app.noted('begins').length === 2 && app.count('workerForked') === 4);
    process.kill(app.noted('begins').at(-1)!.pid, 'SIGKILL');
    await app.until(() => app.noted('begins').length === 3);
    await rm(files.GATE);
    await app.until(() => app.count('workerReady') === 4);
    expect(app.noted('begins')).toHaveLength(3);
    expect(pidsOf(app.noted('ends').slice(1))).toEqual(pidsOf(app.noted('begins').slice(2)));
  });

  it('runs in the first worker if the primary does not load the application', async () => {
    const app = await start({ nodeArgs: EARLY });
    await untilKnown(app, 2);
    expect(pidsOf(app.of('workerForked'))).toContain(app.noted('ends')[0]!.pid);
    expect(app.noted('begins')).toHaveLength(1);
    expect(results(app)).toEqual(ONE);
    expect(new Set(pidsOf(app.noted('knows')))).toEqual(new Set(pidsOf(app.of('workerForked'))));
  });

  it('runs again in the primary if the first worker is killed before the primary knows the options', async () => {
    await writeFile(files.GATE, '');
    const app = await start({ nodeArgs: EARLY });
    const runner = (): number => Number(readFileSync(files.RUNNER, 'utf8'));
    await app.until(() => existsSync(files.RUNNER) && runner() > 0);
    expect(runner()).not.toBe(app.pid);
    process.kill(runner(), 'SIGKILL');
    await app.until(() => runner() === app.pid);
    await rm(files.GATE);
    await untilKnown(app, 2);
    expect(pidsOf(app.noted('ends'))).toEqual([app.pid]);
    expect(results(app)).toEqual(ONE);
  });

  it('stays done when the primary replaces its program', async () => {
    const app = await start({ execs: true });
    await untilKnown(app, 2);
    expect(pidsOf(app.noted('begins'))).toEqual([app.pid]);
    expect(results(app)).toEqual(ONE);
    expect(app.output).not.toContain('keeps the application');
  });

  it('runs on one of two hosts, and on the other one if the first is killed', async () => {
    const env = { ...onRedis(), ASYNC: '1', CLUSTER_RELEASE: 'one' };
    await writeFile(files.GATE, '');
    const hosts = await Promise.all([start({ env }), start({ env })]);
    const running = (): Application[] => hosts.filter(app => app.noted('begins').length > 0);
    await Promise.race(hosts.map(app => app.until(() => running().length === 1)));
    const [killed] = running();
    const other = hosts.find(app => app !== killed)!;
    killed!.signal('SIGKILL');
    await other.until(() => other.noted('begins').length === 1);
    await rm(files.GATE);
    await untilKnown(other, 2);
    const third = await start({ env });
    await untilKnown(third, 2);
    expect(killed!.noted('ends')).toEqual([]);
    expect(other.noted('ends')).toHaveLength(1);
    expect(other.noted('ends')[0]!['token']).toBeGreaterThan(
      killed!.noted('begins')[0]!['token'] as number,
    );
    expect(third.noted('begins')).toEqual([]);
    expect(results(other, third)).toEqual(ONE);
  });

  it('fails where it runs, and is then run by another host', async () => {
    const env = onRedis();
    await writeFile(files.FAULT, '');
    const hosts = await Promise.all([start({ env }), start({ env })]);
    await hosts[0].until(() => !existsSync(files.FAULT));
    const failed = await Promise.race(
      hosts.map(async app => {
        const { code } = await app.exited;
        return { app, code };
      }),
    );
    const other = hosts.find(app => app !== failed.app)!;
    await untilKnown(other, 2);
    expect(failed.code).toBe(1);
    expect(failed.app.stderr).toContain('The migration failed');
    expect([failed.app, other].map(app => app.noted('begins').length)).toEqual([1, 1]);
    expect(results(other)).toEqual(ONE);
  });

  it('says what is missing if the options are not known before Nest', async () => {
    const app = await start({ env: { ASYNC: '1' } });
    expect((await app.exited).code).toBe(1);
    expect(app.stderr).toContain('Set CLUSTER_REDIS_URL, or pass clusterOnce() the option redis');
    expect(app.noted('begins')).toEqual([]);
  });
});
