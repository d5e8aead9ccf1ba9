import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Application, type ApplicationOptions } from '../support/application.js';
import { ask } from '../support/ask.js';
import { Deployment } from '../support/deployment.js';
import { NOTHING_LOST, underLoad } from '../support/under-load.js';

afterEach(async () => {
  await Application.endAll();
  await Deployment.removeAll();
});

const start = (name: string, options: ApplicationOptions): Promise<Application> =>
  Application.start(name, { execs: true, ...options });

/** Whether the program of the primary was replaced: the new one was started with another environment. */
async function isReplaced({ pid }: Application): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  return environment.includes('\0CLUSTER_PRIMARY_OPTIONS=');
}

describe('a primary that has replaced its program', () => {
  it('supervises the workers with the same process id, options, environment and files', async () => {
    const deployment = await Deployment.create();
    await deployment.writeFile('.env', 'GREETING=hello\n');
    const app = await start('operations/main', {
      main: deployment.main,
      cwd: deployment.directory,
      env: { LOADS_ENV_FILE: 'yes' },
    });
    await app.until(() => app.count('workerReady') === 2);
    expect(await isReplaced(app)).toBe(true);
    expect(app.stderr).toBe('');
    expect(await ask(app, '/release')).toMatchObject({ release: 'first', greeting: 'hello' });

    await deployment.writeFile('.env', 'GREETING=good evening\n');
    await deployment.deploy('second');
    const report = await underLoad(app, async () => {
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === 1);
    });
    expect(report).toMatchObject(NOTHING_LOST);
    expect(await ask(app, '/release')).toMatchObject({
      release: 'second',
      greeting: 'good evening',
    });
    process.kill(app.of('workerReady').at(-1)!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 5);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await app.noneLeft();
  });

  it.each([
    ['an application on Fastify', 'http/fastify', {}],
    ['options of a factory', 'config-service', { SETTINGS_WORKERS: '2' }],
  ])('has done so with %s', async (_, fixture, env) => {
    const app = await start(fixture, { env });
    await app.until(() => app.count('workerReady') === 2);
    expect(await isReplaced(app)).toBe(true);
  });

  it('hides from the workers and their child processes what it was handed over', async () => {
    const app = await start('options', { env: { OPTIONS: '{"workers":1,"namespace":"shop"}' } });
    await app.until(() => app.count('workerReady') === 1);
    expect(await isReplaced(app)).toBe(true);
    const worker = await readFile(`/proc/${app.of('workerReady')[0]!.pid}/environ`, 'utf8');
    expect(worker).not.toContain('CLUSTER_PRIMARY_OPTIONS');
    expect(app.stdout).toContain('Namespace shop');
  });
});

describe('a primary that keeps the application in its memory, and says why', () => {
  it.each([
    ['an active timer', 'setInterval(() => {}, 1e6)', 'active resources: Timeout'],
    ['a listener', "process.on('exit', () => {})", 'listens to process events: exit'],
    ['a socket of systemd', "process.env.LISTEN_FDS = '1'", 'received sockets (LISTEN_FDS)'],
    [
      'a listener of node:cluster',
      "process.getBuiltinModule('cluster').on('fork', () => {})",
      'node:cluster',
    ],
    [
      'a subscriber',
      "process.getBuiltinModule('diagnostics_channel').subscribe('nestjs-cluster:lifecycle', () => {})",
      'listens to the events of the host',
    ],
  ])('because of %s', async (_, code, reason) => {
    const app = await start('options', {
      nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(code)}`],
    });
    await app.until(() => app.stdout.includes('2 workers ready'));
    expect(app.stdout).toMatch(
      new RegExp(
        `WARN \\[Cluster\\] .*keeps the application in its memory: .*${reason.replaceAll(/[()]/g, '\\$&')}`,
      ),
    );
    expect(await isReplaced(app)).toBe(false);
  });

  it('because of a large environment file, which workers read themselves', async () => {
    const deployment = await Deployment.create();
    await deployment.writeFile('.env', `LARGE=${'x'.repeat(150_000)}\n`);
    const app = await start('operations/main', {
      main: deployment.main,
      cwd: deployment.directory,
      env: { LOADS_ENV_FILE: 'yes' },
    });
    await app.until(() => app.stdout.includes('2 workers ready'));
    expect(app.stdout).toContain('its environment is too large');
  });

  it('because an option is a function', async () => {
    const app = await start('options', { env: { CALLBACKS: 'workerReady' } });
    await app.until(() => app.stdout.includes('2 workers ready'));
    expect(app.stdout).toContain('the option events.workerReady is a function');
    expect(app.noted('callback')).toMatchObject([{ pid: app.pid }, { pid: app.pid }]);
  });
});

it('keeps it without the option', async () => {
  const app = await start('options', { env: { CLUSTER_LIGHT_PRIMARY: '' } });
  await app.until(() => app.stdout.includes('2 workers ready'));
  expect(app.stdout).not.toContain('keeps the application');
  expect(await isReplaced(app)).toBe(false);
});

it('keeps it on a Node without process.execve()', async () => {
  const app = await Application.start('options', { env: { CLUSTER_LIGHT_PRIMARY: 'true' } });
  await app.until(() => app.stdout.includes('2 workers ready'));
  expect(app.stdout).toContain('process.execve() is missing (Node 22.15 and later have it');
});
