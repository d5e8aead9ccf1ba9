import { existsSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionFailure } from '../../src/dashboard/page-messages.js';
import type { HostStatus, ReloadResult } from '../../src/model/host-status.interface.js';
import { Application } from '../support/application.js';
import { closeBrowsers, openBrowser } from '../support/browser.js';
import { PageReader } from '../support/dashboard/page-reader.js';
import {
  type DashboardMessage,
  DashboardPage,
  type OpenStream,
} from '../support/dashboard-page.js';
import { cpuTime, tellsCpuTime } from '../support/cpu-time.js';
import { eventually } from '../support/eventually.js';

const VIEWS = ['Workers', 'Timeline', 'State', 'Topics', 'Jobs', 'Connections', 'Fleet'];

const ALL_ACTIONS = ['reload', 'scale', 'replace', 'stack', 'profile'];

interface Restarted {
  readonly slot: number;
  readonly pid: number;
}

let directory: string;
const applications: Application[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dashboard-'));
});

afterAll(async () => {
  await closeBrowsers();
  await Application.endAll();
  await rm(directory, { recursive: true, force: true });
});

async function start(env: Readonly<Record<string, string>>): Promise<Application> {
  const app = await Application.ready('dashboard/main', {
    env: { TMPDIR: directory, BROKEN: join(directory, 'broken'), ...env },
  });
  applications.push(app);
  return app;
}

/** The directories of profiles. */
async function profiles(): Promise<string[]> {
  return (await readdir(directory)).filter(name => name.includes('profile'));
}

const noProfiles = (app: Application): Promise<void> =>
  eventually(
    async () => (await profiles()).length === 0,
    10_000,
    () => app.output,
  );

/** The only profile that is being written. */
async function profileInProgress(app: Application): Promise<{ directory: string; file: string }> {
  let found: string | undefined;
  await eventually(
    async () => {
      [found] = await profiles();
      return found !== undefined && existsSync(join(directory, found, 'profile.cpuprofile'));
    },
    10_000,
    () => app.output,
  );
  const path = join(directory, found!);
  return { directory: path, file: join(path, 'profile.cpuprofile') };
}

const pidOf = (app: Application, slot: number): number =>
  app.of('workerReady').findLast(event => event.slot === slot)!.pid;

/** The answers to the page, to a file and to an action without arguments. */
async function statuses(page: DashboardPage): Promise<number[]> {
  const answers = [page.fetch(''), page.fetch('/assets/app.js'), page.post('/actions/stack', {})];
  return (await Promise.all(answers)).map(({ status }) => status);
}

/** The number of workers that have not reported their topics. */
function silentIn(section: unknown): number | undefined {
  return (section as { readonly silent?: readonly number[] }).silent?.length;
}

/** Whether a worker said that the stream ends. */
async function saysBye(stream: OpenStream): Promise<boolean> {
  let last: DashboardMessage | undefined;
  for (;;) {
    const message = await stream.next();
    if (message === undefined) {
      return last !== undefined && Object.keys(last).length === 0;
    }
    last = message;
  }
}

describe.each([
  ['Express', '', {}],
  ['Fastify', '/api', { FASTIFY: '1', PREFIX: 'api' }],
])('on %s in production, with guards and without a control socket', (_, prefix, env) => {
  let app: Application;
  let stranger: DashboardPage;
  let viewer: DashboardPage;
  let admin: DashboardPage;

  beforeAll(async () => {
    app = await start({ NODE_ENV: 'production', CLUSTER_CONTROL: 'false', ...env });
    const path = `${prefix}/admin/host`;
    stranger = new DashboardPage(app, path);
    viewer = new DashboardPage(app, path, { 'x-role': 'viewer' });
    admin = new DashboardPage(app, path, { 'x-role': 'admin' });
  });

  it('is for those who pass the guards, and its actions for those who pass theirs, too', async () => {
    const guest = new DashboardPage(app, `${prefix}/admin/host`, { 'x-role': 'guest' });
    expect(await statuses(stranger)).toEqual([401, 401, 401]);
    expect(await statuses(guest)).toEqual([403, 403, 403]);
    expect(await statuses(viewer)).toEqual([200, 200, 403]);
    expect(await statuses(admin)).toEqual([200, 200, 400]);
    const streams = await Promise.all([viewer.open(), admin.open()]);
    expect(streams.map(({ overview }) => overview.actions)).toEqual([[], ALL_ACTIONS]);
    await Promise.all(streams.map(stream => stream.close()));
  });

  it('does not exist without a guard, and the log of the host says once what to add', async () => {
    const unguarded = new DashboardPage(app, `${prefix}/cluster`);
    const answers = [
      unguarded.fetch(''),
      unguarded.fetch('/stream?view=workers'),
      unguarded.post('/actions/reload', {}),
    ];
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404]);
    const line = `The dashboard at ${prefix}/cluster has no guard`;
    await app.until(() => app.output.includes(line));
    expect(app.output.split(line)).toHaveLength(2);
  });

  it('shows every view in a browser, and carries out what its buttons say', async () => {
    const headers = { 'x-role': 'admin' };
    const url = app.url(`${prefix}/admin/host`);
    const reader = await PageReader.open(await openBrowser(), url, headers);
    await reader.visits();
    for (const view of VIEWS) {
      await reader.opens(view);
      expect([view, await reader.violations()]).toEqual([view, []]);
    }
    await reader.opens('Workers');
    const former = pidOf(app, 0);
    await reader.button('replace worker 0').click();
    await reader.button('Replace').click();
    await reader.sees('Worker 0 has been replaced.', 'dialog[open]');
    await reader.button('Close').click();
    await app.until(() => pidOf(app, 0) !== former);
    await reader.sees(String(pidOf(app, 0)), 'table');
    await reader.opens('Timeline');
    await reader.sees(`pid ${former}`, '#panel');
    expect([await reader.policyViolations(), reader.problems]).toEqual([[], []]);
    await closeBrowsers();
    // It has answered the browser on connections that ended with it. The next tests expect the new one alone.
    await app.until(() => app.of('workerExited').some(({ pid }) => pid === former));
  });

  it('shows all workers, whichever serves the page', async () => {
    for (const slot of [0, 1]) {
      const stream = await admin.openOf(slot);
      const { self, namespace, workers, host } = stream.overview;
      expect(self).toEqual({ slot, pid: pidOf(app, slot), mode: 'worker' });
      expect(namespace).toEqual(expect.any(String));
      expect(host.pid).toBe(app.pid);
      expect(workers.map(worker => worker.pid)).toEqual([pidOf(app, 0), pidOf(app, 1)]);
      const { at, sample } = await stream.next().then(message => message!);
      expect(at).toBeGreaterThanOrEqual(stream.overview.at);
      expect(sample!.slots).toHaveLength(2);
      await stream.close();
    }
  });

  it.each(['state', 'topics', 'jobs', 'connections', 'fleet'])('shows %s', async view => {
    const stream = await viewer.open(view);
    // Before the first reports of the workers have arrived, all of them are silent.
    const { section } = await stream.until(
      message => message.view === view && silentIn(message.section) !== 2,
    );
    expect(section).toEqual(
      {
        state: expect.objectContaining({ backend: 'memory', isTruncated: false }),
        topics: { topics: expect.any(Array), silent: [] },
        jobs: { used: false, jobs: [] },
        connections: { workers: [0, 1].map(slot => expect.objectContaining({ slot })) },
        fleet: expect.objectContaining({ hosts: [expect.objectContaining({ isSelf: true })] }),
      }[view],
    );
    await stream.close();
  });

  it('refuses what other sites request', async () => {
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' } };
    const answers = [
      admin.post('/actions/reload', {}, crossSite),
      admin.post('/actions/reload', {}, { headers: { 'content-type': 'text/plain' } }),
      admin.post('/actions/reload', {}, { headers: { 'x-cluster-dashboard': '' } }),
      admin.fetch('/stream?view=workers', crossSite),
    ];
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(app.count('reloadStarted')).toBe(0);
  });

  it('takes the stack of a worker', async () => {
    expect(await admin.act('stack', { slot: 1 })).toMatchObject({
      status: 200,
      slot: 1,
      pid: pidOf(app, 1),
    });
    expect(await admin.act('stack', { slot: 2 })).toEqual({
      status: 400,
      message: 'There is no slot 2: the host has the slots 0 to 1',
    });
    expect(await admin.act('stack', { slot: 1, pid: pidOf(app, 1) })).toMatchObject({
      status: 200,
      pid: pidOf(app, 1),
    });
    expect(await admin.act('stack', { slot: 1, pid: pidOf(app, 0) })).toEqual({
      status: 409,
      message: `Worker 1 (pid ${pidOf(app, 0)}) has exited`,
    });
    expect(await admin.act('stack', { slot: 1, pid: '1' })).toMatchObject({ status: 400 });
    await app.until(() => app.stdout.includes('127.0.0.1 requests: stack of worker 1'));
    await app.until(() => app.stdout.includes('Done for 127.0.0.1: stack of worker 1.'));
    await app.until(() => app.stdout.includes('Failed for 127.0.0.1: stack of worker 2.'));
  });

  it('sends a profile, and leaves no file', async () => {
    const answer = admin.post('/actions/profile', { slot: 0, seconds: 1 });
    const { directory: place, file } = await profileInProgress(app);
    expect([statSync(place).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    const response = await answer;
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': expect.stringMatching(
        new RegExp(`^attachment; filename="[\\w.-]+-0-${pidOf(app, 0)}\\.cpuprofile"$`),
      ),
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    const profile = (await response.json()) as { nodes: unknown[]; samples: unknown[] };
    expect(profile.nodes.length).toBeGreaterThan(0);
    expect(profile.samples.length).toBeGreaterThan(0);
    await noProfiles(app);
  });

  it('ends a profile when the browser leaves, and leaves no file', async () => {
    const leaving = new AbortController();
    const profile = { slot: 0, seconds: 60 };
    const answer = admin.post('/actions/profile', profile, { signal: leaving.signal });
    const left = expect(answer).rejects.toThrow();
    await profileInProgress(app);
    expect(await admin.act('profile', profile)).toMatchObject({
      status: 409,
      message: expect.stringContaining('is being inspected already'),
    });
    leaving.abort();
    await left;
    await noProfiles(app);
  });

  it('ends a profile with the worker that waits for it, and leaves no file', async () => {
    const stream = await admin.openOf(1);
    const ready = app.count('workerReady');
    // Its requests reach this worker: the other one is profiled, and both serve.
    let answers = 0;
    const requests = Array.from({ length: 4 }, () =>
      admin
        .post('/actions/profile', { slot: 0, seconds: 60 })
        .then(({ status }) => status)
        .catch(() => 0)
        .finally(() => answers++),
    );
    await profileInProgress(app);
    await app.until(() => /requests: profile of worker 0 for 60 s/.test(app.stdout));
    await eventually(
      () => answers === 3,
      10_000,
      () => app.output,
    );
    process.kill(pidOf(app, 1), 'SIGKILL');
    await app.until(() => app.count('workerReady') > ready);
    if (answers === 3) {
      process.kill(pidOf(app, 0), 'SIGKILL');
      await app.until(() => app.count('workerReady') > ready + 1);
    }
    expect(new Set(await Promise.all(requests))).toEqual(new Set([0, 409]));
    await noProfiles(app);
    await expect(saysBye(stream)).rejects.toThrow();
  });

  it('shows in another worker why the one that served it has ended', async () => {
    const stream = await viewer.openOf(0);
    const { pid } = stream.overview.self;
    process.kill(pid, 'SIGKILL');
    await expect(saysBye(stream)).rejects.toThrow();
    await viewer.reconnectUntil(({ events = [] }) =>
      events.some(({ event }) => event.type === 'workerExited' && event.pid === pid),
    );
    await app.until(() => pidOf(app, 0) !== pid);
  });

  it('replaces the worker that serves the page after it has answered', async () => {
    for (const slot of [0, 1]) {
      const stream = await admin.openOf(slot);
      const before = pidOf(app, slot);
      const restarted = await admin.act<Restarted>('replace', { slot });
      expect(restarted).toMatchObject({ status: 200, slot });
      expect(restarted.pid).not.toBe(before);
      expect(await saysBye(stream)).toBe(true);
      await app.until(() => pidOf(app, slot) === restarted.pid);
      const exit = (): unknown => app.of('workerExited').find(({ pid }) => pid === before);
      await app.until(() => exit() !== undefined);
      expect(exit()).toMatchObject({ reason: 'left' });
    }
  });

  it('scales', async () => {
    expect(await admin.act('scale', { workers: 3 })).toEqual({ status: 200, workers: 3 });
    expect(await admin.act('scale', { workers: 2 })).toEqual({ status: 200, workers: 2 });
    expect(await admin.act('scale', { workers: 0 })).toEqual({
      status: 400,
      message: 'workers must be a whole number from 1 to 1024',
    });
  });

  it('reloads, answers, and then ends the streams, which go on in the new workers', async () => {
    const stream = await viewer.open();
    const reloaded = await admin.act<ReloadResult>('reload');
    expect(reloaded).toMatchObject({ status: 200, generation: 1 });
    expect(await saysBye(stream)).toBe(true);
    await viewer.reconnectUntil(
      ({ workers = [] }) =>
        workers.length === 2 && workers.every(({ generation }) => generation === 1),
    );
  });

  it('tells why a reload fails, with the output of the worker', async () => {
    await writeFile(join(directory, 'broken'), '');
    const failed = await admin.act<ActionFailure>('reload');
    await rm(join(directory, 'broken'));
    expect(failed).toEqual({
      status: 500,
      message: expect.stringMatching(/^The reload to generation 2 failed: /),
      worker: {
        slot: expect.any(Number),
        pid: expect.any(Number),
        lastOutput: expect.stringContaining('no <b>database</b>'),
      },
    });
  });

  it('ends its streams at the begin of a stop', async () => {
    const streams = await Promise.all([0, 1].map(slot => viewer.openOf(slot)));
    app.signal('SIGTERM');
    expect(await Promise.all(streams.map(saysBye))).toEqual([true, true]);
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });
});

describe('in development, without a guard', () => {
  it('is open on the same machine only, with its actions', async () => {
    const app = await start({ CLUSTER_WORKERS: '1' });
    const page = new DashboardPage(app, '/cluster');
    const stream = await page.open();
    expect(stream.overview.actions).toEqual(ALL_ACTIONS);
    await stream.close();
    const hosts = [`localhost:${app.port}`, 'attacker.example', `127.0.0.1.nip.io:${app.port}`];
    expect(await Promise.all(hosts.map(host => page.statusFor(host)))).toEqual([200, 404, 404]);
    const forwarded = { headers: { 'x-forwarded-for': '127.0.0.1' } };
    const { status } = await page.post('/actions/replace', { slot: 0 }, forwarded);
    expect(status).toBe(404);
    expect((await page.act<Restarted>('replace', { slot: 0 })).status).toBe(200);
    const open =
      /has no guard\. It answers browsers on this machine, because NODE_ENV is not production/g;
    await app.until(() => app.output.match(open) !== null);
    expect(app.output.match(open)).toHaveLength(1);
  });
});

describe('in one process', () => {
  it('shows its history, and has no actions', async () => {
    const app = await start({ CLUSTER_WORKERS: '0' });
    const page = new DashboardPage(app, '/cluster');
    const stream = await page.open();
    expect(stream.overview).toMatchObject({
      actions: [],
      self: { slot: 0, pid: app.pid, mode: 'single' },
      host: { wanted: 1 } satisfies Partial<HostStatus>,
    });
    const { workers } = await stream.until(message => message.sample !== undefined);
    expect(workers).toMatchObject([{ pid: app.pid, state: 'ready' }]);
    expect((await page.act('reload')).status).toBe(404);
    app.signal('SIGTERM');
    expect(await saysBye(stream)).toBe(true);
    expect(await app.exited).toEqual({ code: 0, signal: null });
  });
});

/** `npm run verify:dashboard` measures it. */
const measured = process.env['MEASURE'] && tellsCpuTime ? it : it.skip;

measured(
  '50 open pages cost a worker less than 2 % of a core',
  async () => {
    const seconds = Number(process.env['DASHBOARD_SECONDS'] ?? 20);
    const app = await start({ CLUSTER_WORKERS: '1' });
    const page = new DashboardPage(app, '/cluster');
    const pids = { worker: pidOf(app, 0), primary: app.pid };
    /** The shares of a core that worker and primary use while so many pages are open. */
    const measure = async (pages: number): Promise<{ worker: number; primary: number }> => {
      const streams = await Promise.all(Array.from({ length: pages }, () => page.open('topics')));
      const reading = streams.map(stream => stream.ended().catch(() => {}));
      // What opening the pages costs is measured apart.
      await delay(2_000);
      const before = { worker: cpuTime(pids.worker), primary: cpuTime(pids.primary) };
      await delay(seconds * 1_000);
      const share = (name: 'worker' | 'primary'): number =>
        (100 * (cpuTime(pids[name]) - before[name])) / (seconds * 1_000);
      const shares = { worker: share('worker'), primary: share('primary') };
      await Promise.all(streams.map(stream => stream.close()));
      await Promise.all(reading);
      return shares;
    };
    // Code is compiled, and the history is filled a little.
    await measure(50);
    const costs: number[] = [];
    for (let round = 1; round <= 3; round++) {
      const [none, one, fifty] = [await measure(0), await measure(1), await measure(50)];
      costs.push(fifty.worker - none.worker);
      console.log(JSON.stringify({ round, none, one, fifty }));
    }
    expect(costs.toSorted((one, other) => one - other)[1]).toBeLessThan(2);
  },
  600_000,
);
