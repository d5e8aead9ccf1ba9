import { afterEach, describe, expect, it } from 'vitest';
import { Application, type ApplicationOptions } from '../support/application.js';
import { ask, statusOf } from '../support/ask.js';
import { Deployment } from '../support/deployment.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.mjs';
import { Load } from '../support/load.js';
import { NOTHING_LOST, underLoad } from '../support/under-load.js';

afterEach(async () => {
  await Application.endAll();
  await Deployment.removeAll();
});

const start = (options: ApplicationOptions = {}): Promise<Application> =>
  Application.ready('operations/main', options);

/** Each test has its own deployment, so that tests do not share files. */
async function deployed(options: ApplicationOptions = {}): Promise<[Application, Deployment]> {
  const deployment = await Deployment.create();
  return [await start({ main: deployment.main, ...options }), deployment];
}

interface Release {
  readonly release: string;
  readonly greeting?: string;
  readonly generation: number;
  readonly pid: number;
}

const releaseOf = (app: Application): Promise<Release> => ask(app, '/release');

const outcomes = (app: Application): string[] =>
  app.of('reloadFinished').map(({ outcome }) => outcome);

async function reload(app: Application): Promise<string> {
  const before = outcomes(app).length;
  app.signal('SIGHUP');
  await app.until(() => outcomes(app).length > before);
  return outcomes(app).at(-1)!;
}

async function workers(app: Application): Promise<[slot: number, generation: number][]> {
  const status = await statusOf(app);
  expect(status.workers.every(({ state }) => state === 'ready')).toBe(true);
  return status.workers.map(({ slot, generation }) => [slot, generation]);
}

describe.each([
  ['Express', 'round-robin', {}],
  ['Fastify', 'shared', { FASTIFY: 'yes' }],
])('a reload of %s with %s', (_, scheduling, env) => {
  it('loses no request', async () => {
    const app = await start({ env: { CLUSTER_SCHEDULING: scheduling, ...env } });
    const report = await underLoad(app, async () => {
      for (let times = 0; times < 2; times++) {
        expect(await reload(app)).toBe('done');
      }
    });
    expect(report).toMatchObject(NOTHING_LOST);
    expect(report.answered).toBeGreaterThan(200);
    expect(await workers(app)).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });
});

describe('a reload of two applications in one process', () => {
  it('waits until both listen, and loses no request', async () => {
    const adminPort = await freePort();
    const app = await Application.ready('kinds/second-boots-later', {
      env: { CLUSTER_WORKERS: '1', ADMIN_PORT: String(adminPort) },
    });
    const admin = new Load(`http://127.0.0.1:${adminPort}/hello`, { keepAlive: 4, oneShot: 4 });
    const report = await underLoad(app, async () => expect(await reload(app)).toBe('done'));
    await admin.untilAnswered(admin.report.answered + 50);
    expect(await admin.stop()).toMatchObject(NOTHING_LOST);
    expect(report).toMatchObject(NOTHING_LOST);
    expect(admin.report.answered).toBeGreaterThan(100);
  });
});

describe('a reload', () => {
  it('brings new code, new before old', async () => {
    const [app, deployment] = await deployed();
    expect(await releaseOf(app)).toMatchObject({ release: 'first', generation: 0 });
    await deployment.overwrite("export const RELEASE = 'better';");
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ release: 'better', generation: 1 });
    const readyAndGone = app.events
      .filter(({ type }) => type === 'workerReady' || type === 'workerExited')
      .slice(2)
      .map(event => `${event.type} ${'slot' in event && event.slot} of ${event.generation}`);
    expect(readyAndGone).toEqual([
      'workerReady 0 of 1',
      'workerExited 0 of 0',
      'workerReady 1 of 1',
      'workerExited 1 of 0',
    ]);
  });

  it.each([
    ['the script is named by it', (deployment: Deployment) => ({ main: deployment.main })],
    [
      'it is the working directory',
      (deployment: Deployment) => ({
        main: 'operations/main.js',
        cwd: deployment.current,
        env: { PWD: deployment.current },
      }),
    ],
  ])('follows a link to the current release: %s', async (_, options) => {
    const deployment = await Deployment.create();
    const app = await start(options(deployment));
    await deployment.deploy('second');
    await deployment.remove('first');
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ release: 'second' });
  });

  it('needs nothing of a release that is no longer current, where only its script is named by the link', async () => {
    const deployment = await Deployment.create();
    const app = await start({ main: deployment.main, cwd: deployment.current });
    await deployment.deploy('second');
    await deployment.remove('first');
    process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 3);
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ release: 'second' });
  });

  it('tries again where a worker cannot even be started', async () => {
    const deployment = await Deployment.create();
    const app = await start({
      main: deployment.main,
      cwd: deployment.current,
      env: { PWD: deployment.current },
    });
    await deployment.hide();
    process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
    await app.until(() => app.output.includes('ENOENT'));
    await deployment.deploy('second');
    await app.until(() => app.count('workerReady') === 3);
    expect((await statusOf(app)).workers).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  });

  it.each([
    ['Node has loaded', { nodeArgs: ['--env-file=.env'] }],
    ['the application loads while it starts', { env: { LOADS_ENV_FILE: 'yes' } }],
  ])('reads an environment file anew that %s', async (_, options) => {
    const deployment = await Deployment.create();
    await deployment.writeFile('.env', 'GREETING=hello\nPATH=/nowhere\n');
    const app = await start({ main: deployment.main, cwd: deployment.directory, ...options });
    expect(await releaseOf(app)).toMatchObject({ greeting: 'hello' });
    await deployment.writeFile('.env', 'GREETING=good evening\n');
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ greeting: 'good evening' });
  });

  it('keeps the heartbeat that the primary expects', async () => {
    const deployment = await Deployment.create();
    await deployment.writeFile('.env', 'CLUSTER_HEARTBEAT_INTERVAL=100\n');
    const app = await start({
      main: deployment.main,
      cwd: deployment.directory,
      nodeArgs: ['--env-file=.env'],
    });
    await deployment.writeFile('.env', 'CLUSTER_HEARTBEAT_INTERVAL=0\n');
    expect(await reload(app)).toBe('done');
    await eventually(
      async () => (await statusOf(app)).workers.every(({ vitals }) => vitals !== undefined),
      10_000,
      () => app.output,
    );
  });

  it('does not override variables of the environment', async () => {
    const deployment = await Deployment.create();
    await deployment.writeFile('.env', 'GREETING=hello\n');
    const env = { GREETING: 'hello', LOADS_ENV_FILE: 'yes' };
    const app = await start({ main: deployment.main, cwd: deployment.directory, env });
    await deployment.writeFile('.env', 'GREETING=good evening\n');
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ greeting: 'hello' });
  });

  it.each([
    [
      'throws at boot',
      "export const RELEASE = 'bad'; throw new Error('no such table');",
      'boot-failed',
      /no such table/,
      {},
    ],
    [
      'hangs at boot',
      "export const RELEASE = 'bad'; await new Promise(() => setInterval(() => {}, 1e6));",
      'boot-timeout',
      /boot\.timeout/,
      { CLUSTER_BOOT_TIMEOUT: '5000' },
    ],
    [
      'exits soon after it is ready',
      "export const RELEASE = 'bad'; setTimeout(() => process.exit(7), 3_000);",
      'crashed',
      /exited with code 7/,
      { CLUSTER_RELOAD_SOAK: '6000' },
    ],
  ])('onto code that %s keeps the workers there are', async (_, code, reason, why, env) => {
    const [app, deployment] = await deployed({ env });
    await deployment.overwrite(code);
    let answer: unknown;
    const report = await underLoad(
      app,
      async () => {
        answer = await ask(app, '/reload', 'POST');
      },
      { keepAlive: 4, oneShot: 4 },
    );
    expect(report).toMatchObject(NOTHING_LOST);
    expect(answer).toMatchObject({
      error: {
        name: 'ReloadFailedError',
        code: 'CLUSTER_RELOAD_FAILED',
        generation: 1,
        message: expect.stringMatching(why),
        worker: { reason },
      },
    });
    expect(app.output).toMatch(why);
    expect(app.count('workerDraining')).toBe(0);
    expect(await workers(app)).toEqual([
      [0, 0],
      [1, 0],
    ]);
    // With correct code, the reload succeeds.
    await deployment.overwrite("export const RELEASE = 'mended';");
    expect(await reload(app)).toBe('done');
    expect(await releaseOf(app)).toMatchObject({ release: 'mended' });
  });

  it('is waited for in a request handler, whose worker goes last and answers', async () => {
    const app = await start();
    const { pid, value } = await ask<{ pid: number; value: object }>(app, '/reload', 'POST');
    expect(value).toMatchObject({ generation: 1, duration: expect.any(Number) });
    await app.until(() => outcomes(app).length === 1);
    expect(app.of('workerExited').at(-1)).toMatchObject({ pid, reason: 'left' });
    // The request handler did not delay the drain of its worker.
    expect(app.of('workerExited').at(-1)?.phases?.connections).toBeLessThan(5_000);
  });
});

describe('events during a reload', () => {
  it.each([
    [
      'a reload during a reload is one more after it',
      async (app: Application) => {
        app.signal('SIGHUP');
        await app.until(() => app.count('reloadStarted') === 1);
        app.signal('SIGHUP');
        await app.until(() => outcomes(app).length === 2);
      },
      [
        [0, 2],
        [1, 2],
      ],
    ],
    [
      'ten of them are two',
      async (app: Application) => {
        for (let times = 1; times <= 10; times++) {
          app.signal('SIGHUP');
          const { generation } = await releaseOf(app);
          expect(generation).toBeLessThanOrEqual(times);
        }
        await app.until(() => outcomes(app).length === app.count('reloadStarted'));
        await app.until(() => outcomes(app).length === 2);
      },
      [
        [0, 2],
        [1, 2],
      ],
    ],
    [
      'a scale during a reload comes after it',
      async (app: Application) => {
        app.signal('SIGHUP');
        await app.until(() => app.count('reloadStarted') === 1);
        app.signal('SIGTTIN');
        await app.until(() => outcomes(app).length === 1);
        await app.until(() => app.of('workerReady').some(({ slot }) => slot === 2));
      },
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    ],
    [
      'an old worker that crashes during a reload is replaced by a new one',
      async (app: Application) => {
        const old = app.of('workerReady').find(({ slot }) => slot === 1)!;
        app.signal('SIGHUP');
        await app.until(() => app.count('reloadStarted') === 1);
        process.kill(old.pid, 'SIGKILL');
        await app.until(() => outcomes(app).length === 1);
      },
      [
        [0, 1],
        [1, 1],
      ],
    ],
  ])('%s', async (_, ordeal, expected) => {
    const app = await start();
    // A killed worker loses the requests that it has in flight.
    const report = await underLoad(app, () => ordeal(app));
    expect(outcomes(app)).not.toContain('failed');
    const killed = app.of('workerExited').some(({ reason }) => reason === 'crashed');
    if (!killed) {
      expect(report).toMatchObject(NOTHING_LOST);
    }
    expect(report.hung).toBe(0);
    expect(await workers(app)).toEqual(expected);
  });

  it('a stop ends a reload, and everything in good order', async () => {
    const app = await start();
    const answer = ask(app, '/reload', 'POST');
    await app.until(() => app.of('workerReady').some(({ generation }) => generation === 1));
    app.signal('SIGTERM');
    expect(await answer).toMatchObject({ error: { name: 'HostStoppingError' } });
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(outcomes(app)).toEqual(['stopped']);
    await app.noneLeft();
  });
});

describe('scale()', () => {
  it('adds workers that serve, and takes them away without losing a request', async () => {
    const app = await start();
    const report = await underLoad(app, async () => {
      expect(await ask(app, '/scale?workers=4', 'POST')).toMatchObject({ value: 4 });
      expect((await workers(app)).map(([slot]) => slot)).toEqual([0, 1, 2, 3]);
      expect(await ask(app, '/scale?workers=1', 'POST')).toMatchObject({ value: 1 });
      await app.until(() => app.count('workerExited') === 3);
    });
    expect(report).toMatchObject(NOTHING_LOST);
    expect(app.of('workerExited')).toMatchObject([
      { reason: 'left' },
      { reason: 'left' },
      { reason: 'left' },
    ]);
    expect(app.of('workerDraining').map(({ cause }) => cause)).toEqual(['scale', 'scale', 'scale']);
  });

  it('reports the valid numbers of workers', async () => {
    const app = await start();
    expect(await ask(app, '/scale?workers=0', 'POST')).toMatchObject({
      error: { name: 'ClusterConfigError', message: expect.stringContaining('from 1 to 1024') },
    });
  });
});

describe('single mode', () => {
  it('has no workers to reload or scale, and reports this', async () => {
    const app = await start({ env: { CLUSTER_WORKERS: '0' } });
    const error = { name: 'SingleModeError', code: 'CLUSTER_SINGLE_MODE' };
    expect(await ask(app, '/reload', 'POST')).toMatchObject({ error });
    expect(await ask(app, '/scale?workers=2', 'POST')).toMatchObject({ error });
  });
});
