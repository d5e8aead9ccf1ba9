import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Job, Queue } from 'bullmq';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { JobLoad } from '../support/queues/job-load.js';
import { RedisServer } from '../support/redis/redis-server.js';

const QUEUES = ['hosted', 'sandboxed', 'own'];

const RELOADS = Number(process.env['QUEUE_RELOADS'] ?? 2);
const JOBS = Number(process.env['QUEUE_JOBS'] ?? 150);
const WORKERS = Number(process.env['QUEUE_WORKERS'] ?? 2);

/** The jobs that are added after the drain has begun. */
const LATE = Array.from({ length: 50 }, () => ({ name: 'task', data: { ms: 1 } }));

let port: number;
let env: Readonly<Record<string, string>>;

// One minute, unless more reloads are asked for.
vi.setConfig({ testTimeout: 30_000 * RELOADS });

beforeAll(async () => {
  ({ port } = await RedisServer.start());
  env = { REDIS_PORT: String(port), CLUSTER_WORKERS: String(WORKERS) };
});

afterEach(() => Application.endAll());

afterAll(() => RedisServer.stopAll());

describe('the jobs of BullMQ', () => {
  it('are completed once in reloads, and none stalls', async () => {
    const app = await Application.ready('queues/main', { env });
    const loads = QUEUES.map(queue => new JobLoad({ queue, port, atLeast: JOBS, ms: 100 }));
    for (let n = 1; n <= RELOADS; n++) {
      app.signal('SIGHUP');
      await app.until(() => app.count('reloadFinished') === n, 60_000);
    }
    const results = await Promise.all(loads.map(async load => load.stop()));
    expect(results.map(({ others }) => others)).toEqual(QUEUES.map(() => []));
    expect(Math.min(...results.map(({ completed }) => completed))).toBeGreaterThanOrEqual(JOBS);
    // New workers take no jobs while they boot.
    expect(app.noted('early')).toEqual([]);
    expect(app.noted('error')).toEqual([]);
    expect(app.noted('response-after-destroy')).toEqual([]);
  });

  it('are finished when the host stops, with other work, and no further ones begin', async () => {
    const app = await Application.ready('queues/main', { env });
    const queues = openQueues(QUEUES);
    const jobs = await addJobs(queues);
    await fetch(app.url('/work'));
    // The event of the bus reaches each worker.
    const others = [...Array.from({ length: WORKERS }, () => 'bus'), 'own work'];
    await app.until(() => app.noted('begun').length === others.length);
    await untilActive(jobs, app);
    app.signal('SIGTERM');
    await app.until(() => app.noted('draining').length === WORKERS);
    const late = await Promise.all(queues.map(async queue => queue.addBulk(LATE)));
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(await statesOf(jobs)).toEqual(QUEUES.map(() => 'completed'));
    for (const states of await Promise.all(late.map(async each => statesOf(each)))) {
      // A worker may be about to take a job when it is paused, and then finishes it.
      expect(new Set(states)).toEqual(new Set([...states.filter(isCompleted), 'waiting']));
      expect(states.filter(isCompleted).length).toBeLessThanOrEqual(2 * WORKERS);
    }
    const finished = app.noted('finished').map(({ of }) => String(of));
    expect(finished.toSorted()).toEqual(others);
    expect(app.noted('response-after-destroy')).toEqual([]);
    await Promise.all(queues.map(async queue => queue.close()));
  });

  it('are finished when the host stops, if the application pauses the workers itself', async () => {
    const app = await Application.ready('queues/main', { env: { ...env, PAUSES: 'true' } });
    const queues = openQueues(['hosted', 'own']);
    const jobs = await addJobs(queues);
    await untilActive(jobs, app);
    app.signal('SIGTERM');
    expect(await app.exited).toEqual({ code: 0, signal: null });
    expect(await statesOf(jobs)).toEqual(['completed', 'completed']);
    expect(app.noted('response-after-destroy')).toEqual([]);
    await Promise.all(queues.map(async queue => queue.close()));
  });
});

function openQueues(names: readonly string[]): Queue[] {
  return names.map(name => new Queue(name, { connection: { host: '127.0.0.1', port } }));
}

/** Adds a job that takes 4 s to each queue. */
async function addJobs(queues: readonly Queue[]): Promise<Job[]> {
  return Promise.all(queues.map(async queue => queue.add('task', { ms: 4_000 })));
}

async function untilActive(jobs: readonly Job[], app: Application): Promise<void> {
  await eventually(
    async () => (await statesOf(jobs)).every(state => state === 'active'),
    10_000,
    () => app.output,
  );
}

async function statesOf(jobs: readonly Job[]): Promise<string[]> {
  return Promise.all(jobs.map(async job => job.getState()));
}

function isCompleted(state: string): boolean {
  return state === 'completed';
}
