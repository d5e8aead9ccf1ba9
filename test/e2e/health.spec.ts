import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { HostHealth } from '../../src/health/checks/host-health.js';
import { Application, type ApplicationOptions } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { type Endpoint, ENDPOINTS, healthTable } from '../support/health-table.js';
import { Line } from '../support/line.js';
import { Prober, type ProberOptions } from '../support/prober.js';
import { RedisServer } from '../support/redis/redis-server.js';

const probers = new Set<Prober>();

afterEach(async () => {
  await Promise.all([...probers].map(prober => prober.stop()));
  probers.clear();
  await Application.endAll(await Ordeal.tough);
  await RedisServer.stopAll();
});

afterAll(() => Application.endAll());

function probe(app: Application, endpoint: Endpoint, options?: ProberOptions): Prober {
  const prober = new Prober(app.url(`/health/${endpoint}`), options);
  probers.add(prober);
  return prober;
}

const ready = (options: ApplicationOptions = {}): Promise<Application> =>
  Application.ready('health/main', options);

/** The pid of the worker that became ready last. */
const newestOf = (app: Application): number => app.of('workerReady').at(-1)!.pid;

/** The problems of the host in the newest response. */
const problemsOf = (prober: Prober): readonly string[] => prober.body?.details.host?.problems ?? [];

/** An application in which something happens, and the probers that watch it. */
class Ordeal {
  /** An application that recovers completely, and is shared by several ordeals. */
  static tough: Promise<Application> | undefined;

  readonly probers: Readonly<Record<Endpoint, Prober>>;

  constructor(readonly app: Application) {
    this.probers = {
      live: probe(app, 'live'),
      ready: probe(app, 'ready'),
      startup: probe(app, 'startup'),
    };
  }

  /** Resolves when each endpoint has reported that all is well. */
  static async ofReady(options?: ApplicationOptions): Promise<Ordeal> {
    const ordeal = new Ordeal(await (options ? ready(options) : (Ordeal.tough ??= ready())));
    for (const endpoint of ENDPOINTS) {
      await ordeal.until(endpoint, '200 ok');
    }
    return ordeal;
  }

  /** Resolves when the endpoint gives this answer. */
  async until(endpoint: Endpoint, answer: string): Promise<void> {
    const prober = this.probers[endpoint];
    await eventually(
      () => prober.last === answer,
      30_000,
      () => `${endpoint}: ${prober.history.join(', ')}\n${this.app.output}`,
    );
  }

  /** Waits for this many further answers of each endpoint, so that a wrong final answer is noticed. */
  async untilProbed(times: number): Promise<void> {
    const all = Object.values(this.probers);
    const answered = all.map(prober => prober.answered + times);
    await eventually(
      () => all.every((prober, place) => prober.answered >= answered[place]!),
      30_000,
      () => `Not answered any more\n${this.app.output}`,
    );
  }

  get histories(): Record<Endpoint, readonly string[]> {
    const { live, ready: readiness, startup } = this.probers;
    return { live: live.history, ready: readiness.history, startup: startup.history };
  }
}

/** With these, a worker that hangs is replaced soon, but only after the probes have reported it. */
const QUICK_HEARTBEATS = {
  CLUSTER_HEARTBEAT_INTERVAL: '250',
  CLUSTER_HEARTBEAT_TIMEOUT: '4000',
  THRESHOLDS: JSON.stringify({ eventLoopDelay: { degraded: 1_500, down: 3_000 } }),
};

/** In these rows, a worker is killed, and the probes that it has in flight may be lost. */
const KILLS = ['a worker crashes', 'a worker hangs', 'one worker crashes again and again'];

/** With these, the primary gives up soon. */
const IMPATIENT = { CLUSTER_RESTART_GIVE_UP_AFTER: '2', CLUSTER_RESTART_INITIAL_DELAY: '1' };

/** For each row of the table, a function that performs the event and resolves after the last answer. */
const ordeals: Readonly<Record<string, () => Promise<Ordeal>>> = {
  async 'the host starts, one worker slower'() {
    const ordeal = new Ordeal(await Application.start('health/main', { env: { SLOW_SLOT: '1' } }));
    await ordeal.until('ready', '200 ok');
    await ordeal.until('startup', '200 ok');
    return ordeal;
  },

  async 'a worker crashes'() {
    const ordeal = await Ordeal.ofReady();
    process.kill(newestOf(ordeal.app), 'SIGKILL');
    await ordeal.until('ready', '200 degraded');
    expect(problemsOf(ordeal.probers.ready)).toEqual(['1 of 2 workers ready.']);
    await ordeal.until('ready', '200 ok');
    return ordeal;
  },

  async 'a worker hangs'() {
    const ordeal = await Ordeal.ofReady({ env: QUICK_HEARTBEATS });
    void fetch(ordeal.app.url('/block?ms=60000'), { method: 'POST' }).catch(() => {});
    await ordeal.until('ready', '200 degraded');
    expect(problemsOf(ordeal.probers.ready)).toEqual([
      expect.stringMatching(
        /^Worker \d: its event loop has been blocked for \d+ ms \(limit 1500\)\.$/,
      ),
    ]);
    await ordeal.app.until(() => ordeal.app.of('workerExited').at(-1)?.reason === 'hung');
    await ordeal.until('ready', '200 ok');
    return ordeal;
  },

  async 'a worker is told to leave'() {
    const ordeal = await Ordeal.ofReady();
    process.kill(newestOf(ordeal.app), 'SIGTERM');
    // It serves until its successor does.
    await ordeal.app.until(() => ordeal.app.count('workerExited') === 1);
    await ordeal.untilProbed(10);
    return ordeal;
  },

  async 'a reload'() {
    const ordeal = await Ordeal.ofReady();
    const exits = ordeal.app.count('workerExited');
    ordeal.app.signal('SIGHUP');
    await ordeal.app.until(() => ordeal.app.count('workerExited') === exits + 2);
    await ordeal.untilProbed(10);
    return ordeal;
  },

  async 'workers are recycled'() {
    const ordeal = await Ordeal.ofReady({
      env: { CLUSTER_RECYCLE_MAX_AGE: '2000', CLUSTER_HEARTBEAT_INTERVAL: '250' },
    });
    await ordeal.app.until(() => ordeal.app.count('workerExited') === 2);
    await ordeal.untilProbed(10);
    return ordeal;
  },

  async 'Redis stops, and starts again'() {
    const redis = await RedisServer.start();
    const ordeal = await Ordeal.ofReady({
      env: { CLUSTER_REDIS_URL: redis.url, CLUSTER_NAMESPACE: randomUUID() },
    });
    await redis.kill();
    await ordeal.until('ready', '200 degraded');
    await redis.restart();
    await ordeal.until('ready', '200 ok');
    return ordeal;
  },

  async 'an indicator of yours is down, and up again'() {
    const ordeal = await Ordeal.ofReady();
    await fetch(ordeal.app.url('/maintenance?on=yes'), { method: 'POST' });
    await ordeal.until('ready', '503 error');
    await fetch(ordeal.app.url('/maintenance?on=no'), { method: 'POST' });
    await ordeal.until('ready', '200 ok');
    return ordeal;
  },

  async 'one worker can never boot'() {
    const app = await Application.start('health/main', { env: { CURSED_SLOT: '1' } });
    await app.until(() => app.count('workerReady') === 1 && app.count('workerExited') >= 3);
    const ordeal = new Ordeal(app);
    await ordeal.untilProbed(10);
    return ordeal;
  },

  async 'one worker crashes again and again'() {
    const app = await Application.start('health/main', { env: { FRAIL_SLOT: '1' } });
    await app.until(() => app.count('workerExited') >= 4);
    await app.until(() => app.count('workerReady') >= 5);
    const ordeal = new Ordeal(app);
    await ordeal.untilProbed(10);
    expect(problemsOf(ordeal.probers.ready).join()).toMatch(
      /\d workers had to be replaced in the last minute \(limit 3\)/,
    );
    return ordeal;
  },

  async 'no worker can boot'() {
    const app = await Application.start('health/main', {
      env: { CURSED_SLOT: '0', CLUSTER_WORKERS: '1', ...IMPATIENT },
    });
    const ordeal = new Ordeal(app);
    expect(await app.exited).toEqual({ code: 1, signal: null });
    return ordeal;
  },

  async 'the host stops, with a readiness delay'() {
    const ordeal = await Ordeal.ofReady({ env: { CLUSTER_SHUTDOWN_READINESS_DELAY: '1000' } });
    ordeal.app.signal('SIGTERM');
    expect(await ordeal.app.exited).toEqual({ code: 0, signal: null });
    for (const endpoint of ENDPOINTS) {
      await ordeal.until(endpoint, 'refused');
    }
    return ordeal;
  },
};

describe('what the probes say', () => {
  const table = healthTable();

  it('is documented for all that is tested, and tested for all that is documented', () => {
    expect([...table.keys()]).toEqual(Object.keys(ordeals));
  });

  it.each([...table.entries()])('when %s is what the page says', async (what, expected) => {
    const ordeal = await ordeals[what]!();
    expect(ordeal.histories).toEqual(expected);
    if (!KILLS.includes(what)) {
      expect(Object.values(ordeal.probers).flatMap(({ unanswered }) => unanswered)).toEqual([]);
    }
  });
});

describe.each([
  ['Express', {}],
  ['Fastify', { FASTIFY: 'yes' }],
])('readiness of %s', (_, env) => {
  it('is never taken back in five reloads, over connections that are kept and over new ones', async () => {
    const app = await ready({ env });
    const all = [probe(app, 'ready', { keepAlive: true }), probe(app, 'ready')];
    for (let reloads = 1; reloads <= 5; reloads++) {
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === reloads);
    }
    await app.until(() => app.count('workerExited') === 10);
    const wanted = all.map(({ answered }) => answered + 10);
    await eventually(
      () => all.every(({ answered }, place) => answered >= wanted[place]!),
      10_000,
      () => 'The probes are not answered any more',
    );
    expect(app.of('reloadFinished').map(({ outcome }) => outcome)).toEqual(Array(5).fill('done'));
    for (const prober of all) {
      expect(prober.history).toEqual(['200 ok']);
      expect(prober.unanswered).toEqual([]);
    }
  });
});

describe('a worker', () => {
  it('answers for the host within 200 ms while another one is blocked', async () => {
    const app = await ready({ env: { THRESHOLDS: JSON.stringify({ eventLoopDelay: 500 }) } });
    const [mine, other] = [await Line.to(app, 0), await Line.to(app, 1)];
    const blocked = other.ask('/block?ms=3000', 'POST');
    await app.until(() => app.noted('blocked').length === 1);
    const took: number[] = [];
    const bodies: string[] = [];
    while (app.noted('unblocked').length === 0) {
      const at = performance.now();
      bodies.push(await mine.ask('/health/ready'));
      took.push(performance.now() - at);
    }
    await blocked;
    mine.close();
    other.close();
    expect(took.length).toBeGreaterThan(10);
    // A single response may be slow on a small machine.
    expect(took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)]).toBeLessThan(200);
    // The last response may have arrived after the end of the block.
    expect(bodies.join('\n')).toMatch(/Worker 1: its event loop has been blocked for \d+ ms/);
  });

  it('answers for the host also while it drains itself', async () => {
    const app = await ready();
    const line = await Line.to(app, 0);
    app.signal('SIGHUP');
    await app.until(() => app.count('workerDraining') === 1);
    const { status, details } = JSON.parse(await line.ask('/health/ready')) as {
      readonly status: string;
      readonly details: { readonly host: HostHealth };
    };
    line.close();
    expect(status).toBe('ok');
    const { pid } = app.of('workerDraining')[0]!;
    expect(details.host.workers).toContainEqual(
      expect.objectContaining({ pid, slot: 0, state: 'draining' }),
    );
  });
});

describe('a worker whose primary is silent', () => {
  it('answers in time with the facts that it knows, also while it drains in a reload', async () => {
    const app = await ready();
    const line = await Line.to(app, 0);
    const answer = async (endpoint: Endpoint): Promise<{ status: string; ms: number }> => {
      const at = performance.now();
      const { status } = JSON.parse(await line.ask(`/health/${endpoint}`)) as { status: string };
      return { status, ms: performance.now() - at };
    };
    await answer('startup');
    app.signal('SIGSTOP');
    const startup = await answer('startup');
    const [first, second] = [await answer('ready'), await answer('ready')];
    app.signal('SIGCONT');
    expect([startup.status, first.status, second.status]).toEqual(['ok', 'degraded', 'degraded']);
    // One of the two responses may be slow on a small machine.
    expect(Math.min(first.ms, second.ms)).toBeLessThan(200);
    app.signal('SIGHUP');
    await app.until(() => app.count('workerDraining') === 1);
    app.signal('SIGSTOP');
    const draining = await answer('ready');
    app.signal('SIGCONT');
    line.close();
    expect(draining.status).toBe('degraded');
    await app.until(() => app.count('reloadFinished') === 1);
  });
});

describe('a worker that boots slowly', () => {
  it('is not blamed for it once it serves', async () => {
    const app = await ready({
      env: {
        CLUSTER_WORKERS: '1',
        BLOCKED_BOOT: '2500',
        THRESHOLDS: JSON.stringify({ eventLoopDelay: { degraded: 1_500, down: 2_000 } }),
      },
    });
    const prober = probe(app, 'ready');
    app.signal('SIGHUP');
    await app.until(() => app.count('workerExited') === 1);
    const wanted = prober.answered + 20;
    await eventually(
      () => prober.answered >= wanted,
      10_000,
      () => `Not answered any more: ${prober.unanswered.join(', ')}`,
    );
    expect(prober.history).toEqual(['200 ok']);
  });
});

describe('a worker whose subscriber cannot keep up', () => {
  it('is reported by every worker: the fullness of its queue, and the events that it has missed', async () => {
    const app = await ready({
      env: { CLUSTER_BUS_MAX_QUEUE_BYTES: '64kb', CLUSTER_HEARTBEAT_INTERVAL: '100' },
    });
    const [slow, other] = [await Line.to(app, 0), await Line.to(app, 1)];
    await slow.ask('/listen', 'POST');
    const untilSaid = (problem: RegExp): Promise<void> =>
      eventually(
        async () => problem.test(await other.ask('/health/ready')),
        10_000,
        () => `Not said: ${String(problem)}`,
      );
    await other.ask('/flood?events=100', 'POST');
    await untilSaid(/Worker 0: a queue of its bus is 100 % full \(limit 80 %\)\./);
    await slow.ask('/release', 'POST');
    await untilSaid(/Worker 0: it has missed \d+ events of the bus in the last minute/);
    slow.close();
    other.close();
  });
});

describe('one process', () => {
  it('is ready until the first moment of its stop', async () => {
    const app = await ready({
      env: { CLUSTER_WORKERS: '0', CLUSTER_SHUTDOWN_READINESS_DELAY: '500' },
    });
    const prober = probe(app, 'ready');
    await eventually(
      () => prober.last === '200 ok',
      10_000,
      () => `Not ready: ${prober.history.join(', ')}`,
    );
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    await eventually(
      () => prober.last === 'refused',
      10_000,
      () => `Somebody answers: ${prober.history.join(', ')}`,
    );
    expect(prober.history).toEqual(['200 ok', '503 shutting_down', 'refused']);
    expect(prober.unanswered).toEqual([]);
  });
});
