import { afterEach, describe, expect, it } from 'vitest';
import type { WorkerExitedEvent } from '../../src/model/events/cluster-event.interface.js';
import { Application } from '../support/application.js';
import { ask, statusOf } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { Load } from '../support/load.js';
import { NOTHING_LOST, underLoad } from '../support/under-load.js';

afterEach(() => Application.endAll());

const start = (env: Readonly<Record<string, string>> = {}): Promise<Application> =>
  Application.ready('operations/main', { env });

const fastHeart = { CLUSTER_HEARTBEAT_INTERVAL: '100', CLUSTER_HEARTBEAT_TIMEOUT: '1500' };

async function exited(app: Application, pid: number): Promise<WorkerExitedEvent> {
  const event = (): WorkerExitedEvent | undefined =>
    app.of('workerExited').find(candidate => candidate.pid === pid);
  await app.until(() => event() !== undefined);
  return event()!;
}

describe('a worker that hangs', () => {
  it('is replaced within its time and two seconds, and the log says where it hung', async () => {
    const app = await start({ ...fastHeart, CLUSTER_SPARE: '1' });
    await app.until(() => app.count('workerStandby') === 1);
    const pid = await ask<number>(app, '/hang', 'POST');
    const hangsSince = Date.now();
    const { reason, slot, at } = await exited(app, pid);
    await app.until(() => app.of('workerReady').length === 3);
    const replacement = app.of('workerReady')[2]!;
    expect(reason).toBe('hung');
    expect(replacement.slot).toBe(slot);
    expect(at - hangsSince).toBeGreaterThan(1_400);
    expect(at - hangsSince).toBeLessThan(3_500);
    expect(replacement.at - hangsSince).toBeLessThan(3_500);
    const where =
      /did not send a heartbeat for 1\.5 s \(heartbeat\.timeout\).*? at [^\n]*spinForEver [^\n]*operations\.controller\.ts:\d+/s;
    // The log has a pipe of its own, which may be read later than that of the events.
    await app.until(() => where.test(app.output));
    expect(app.output).toMatch(where);
    const { workers } = await statusOf(app);
    expect(workers).toMatchObject([{ state: 'ready' }, { state: 'ready' }]);
  });

  it('does not delay waiting clients: their connections go to other workers', async () => {
    const app = await start(fastHeart);
    const pid = await ask<number>(app, '/hang', 'POST');
    await app.until(() => app.noted('hangs').length === 1);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask<{ pid: number }>(app, '/release')),
    );
    expect(answers.map(answer => answer.pid)).not.toContain(pid);
    expect(await exited(app, pid)).toMatchObject({ reason: 'hung' });
  });
});

describe('a worker that reaches a recycling limit', () => {
  it('by its memory, is replaced before it is too much, new before old', async () => {
    const app = await start({
      CLUSTER_HEARTBEAT_INTERVAL: '100',
      CLUSTER_RECYCLE_MAX_MEMORY: '180mb',
    });
    const report = await underLoad(
      app,
      async () => {
        while (app.count('workerDraining') < 2) {
          await ask(app, '/leak?megabytes=4', 'POST');
        }
      },
      { keepAlive: 2, oneShot: 2 },
    );
    expect(report).toMatchObject(NOTHING_LOST);
    const [first] = app.of('workerDraining');
    expect(first).toMatchObject({ cause: 'recycle' });
    expect(app.output).toMatch(/it uses [12]\d\d MB \(recycle\.maxMemory\)/);
    const successor = app
      .of('workerReady')
      .find(({ slot, id }) => slot === first!.slot && id > first!.id);
    expect(app.events.indexOf(successor!)).toBeLessThan(app.events.indexOf(first!));
  });

  it.each([
    ['requests', { CLUSTER_RECYCLE_MAX_REQUESTS: '300' }, /it has handled \d+ requests/],
    ['age', { CLUSTER_RECYCLE_MAX_AGE: '1500' }, /it has run for \d\.\d s/],
  ])('by its %s, is replaced without losing a request, one at a time', async (_, env, why) => {
    const app = await start({ CLUSTER_HEARTBEAT_INTERVAL: '100', ...env });
    const report = await underLoad(app, () => app.until(() => app.count('workerExited') >= 3));
    expect(report).toMatchObject(NOTHING_LOST);
    expect(app.output).toMatch(why);
    expect(new Set(app.of('workerDraining').map(({ cause }) => cause))).toEqual(
      new Set(['recycle']),
    );
    // Each worker exits before the next one begins to drain.
    const steps = app.events
      .filter(({ type }) => type === 'workerDraining' || type === 'workerExited')
      .map(({ type }) => type);
    steps.slice(0, 6).forEach((type, place) => {
      expect(type).toBe(place % 2 === 0 ? 'workerDraining' : 'workerExited');
    });
  });
});

describe.each([
  ['Express', {}],
  ['Fastify', { FASTIFY: 'yes' }],
])('a spare (%s)', (_, env) => {
  it('takes over the slot of a worker that dies, and then counts as a worker', async () => {
    const app = await start({ CLUSTER_SPARE: '1', ...env });
    await app.until(() => app.count('workerStandby') === 1);
    const { pid } = app.of('workerStandby')[0]!;
    expect((await statusOf(app)).spares).toMatchObject([{ pid, slot: -1, state: 'standby' }]);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask<{ pid: number }>(app, '/release')),
    );
    expect(answers.map(answer => answer.pid)).not.toContain(pid);

    const victim = app.of('workerReady').find(({ slot }) => slot === 1)!;
    process.kill(victim.pid, 'SIGKILL');
    await app.until(() => app.count('workerReady') === 3);
    const [promoted] = app.of('workerReady').slice(2);
    expect(promoted).toMatchObject({ pid, slot: 1 });
    let release: object = {};
    while (!('pid' in release) || release.pid !== pid) {
      release = await ask(app, '/release');
    }
    expect(release).toMatchObject({ slot: 1, variable: '1' });
    await app.until(() => app.count('workerStandby') === 2);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await app.noneLeft();
  });
});

it('a spare of a microservice begins to listen when it is promoted', async () => {
  const app = await Application.ready('kinds/microservice', { env: { CLUSTER_SPARE: '1' } });
  await app.until(() => app.count('workerStandby') === 1);
  process.kill(app.of('workerReady')[0]!.pid, 'SIGKILL');
  await app.until(() => app.count('workerReady') === 3);
  expect(app.of('workerReady')[2]!.pid).toBe(app.of('workerStandby')[0]!.pid);
});

it('there is no spare of an application without a server', async () => {
  const app = await Application.start('kinds/context', {
    env: { CLUSTER_SPARE: '1', CLUSTER_CONTEXTS: 'cluster' },
  });
  await app.until(() => app.output.includes('Spares are disabled (spare)'));
  await app.until(() => app.of('workerExited').some(({ slot }) => slot === -1));
  expect(app.of('workerExited')).toMatchObject([{ slot: -1, reason: 'left' }]);
});

const overloaded = async (app: Application): Promise<number[]> =>
  (await statusOf(app)).workers.filter(({ isOverloaded }) => isOverloaded).map(({ pid }) => pid);

/** The process ids of the workers that answer 20 concurrent requests. */
async function answering(app: Application): Promise<Set<number>> {
  const answers = Array.from({ length: 20 }, () => ask<{ pid: number }>(app, '/release'));
  return new Set((await Promise.all(answers)).map(({ pid }) => pid));
}

describe.each(['round-robin', 'shared'])('a worker that cannot keep up (%s)', scheduling => {
  const env = { CLUSTER_SCHEDULING: scheduling, CLUSTER_OVERLOAD_MAX_DELAY: '100' };

  it('accepts no new connections until it has recovered', async () => {
    const app = await start(env);
    const pid = await ask<number>(app, '/busy?ms=3000', 'POST');
    await app.until(() => /accepts no new connections until it has recovered/.test(app.output));
    expect(await overloaded(app)).toEqual([pid]);
    // The worker receives the permission to stop accepting in the next turn of its event loop.
    const explain = (): string => app.output;
    await eventually(async () => !(await answering(app)).has(pid), 3_000, explain);
    await app.until(() => app.output.includes('accepts new connections again'));
    await eventually(async () => (await answering(app)).has(pid), 10_000, explain);
    expect(await overloaded(app)).toEqual([]);
    expect(app.count('workerListening')).toBe(2);
  });

  it('takes them again before the only other one leaves', async () => {
    const app = await start(env);
    await ask<number>(app, '/busy?ms=6000', 'POST');
    await app.until(() => /accepts no new connections/.test(app.output));
    const [closed] = await overloaded(app);
    const explain = (): string => app.output;
    await eventually(async () => !(await answering(app)).has(closed!), 3_000, explain);
    const other = app.of('workerReady').find(({ pid }) => pid !== closed)!;
    const load = new Load(app.url('/hello'), { oneShot: 4 });
    process.kill(other.pid, 'SIGTERM');
    await app.until(() => app.count('workerReady') === 3);
    await exited(app, other.pid);
    expect(await load.stop()).toMatchObject(NOTHING_LOST);
  });

  it('is never the case for all workers: one always accepts connections', async () => {
    const app = await start(env);
    await ask<number>(app, '/busy?ms=6000', 'POST');
    await app.until(() => /accepts no new connections/.test(app.output));
    await ask<number>(app, '/busy?ms=6000', 'POST');
    const [closed, ...others] = await overloaded(app);
    expect(others).toEqual([]);
    const open = app.of('workerReady').find(({ pid }) => pid !== closed)!;
    process.kill(open.pid, 'SIGKILL');
    await app.until(() => app.output.includes('accepts new connections again'));
    // It accepts connections even while it is the only worker.
    expect((await statusOf(app)).wanted).toBe(2);
  });
});
