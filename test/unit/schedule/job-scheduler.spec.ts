import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CronTime } from 'cron';
import type { ClusterBus } from '../../../src/bus/cluster-bus.js';
import type { Runtime } from '../../../src/runtime/runtime.js';
import { Standby } from '../../../src/runtime/standby.js';
import { CronInstants } from '../../../src/schedule/cron-instants.js';
import type { Job } from '../../../src/schedule/job.js';
import { JOB_MAPS } from '../../../src/schedule/job-keys.js';
import { JobScheduler } from '../../../src/schedule/job-scheduler.js';
import { StateClient } from '../../../src/state/client/state-client.js';
import { Elections } from '../../../src/state/objects/elections.js';
import { Locks } from '../../../src/state/objects/locks.js';
import type { SharedState } from '../../../src/state/shared-state.js';
import { eventually } from '../../support/eventually.js';
import { jobState } from '../../support/fakes/job-state.js';
import { MemoryExecutor } from '../../support/fakes/memory-executor.js';

/** The backend that all applications share. */
let executor: MemoryExecutor;
let ran: string[];
let applications: Application[];

/** The last tick of this one is always the same. */
const RARE = new CronTime('0 0 29 2 *', 'UTC');

interface JobTerms extends Partial<Pick<Job, 'kind' | 'run' | 'onLoss'>> {
  readonly isSpare?: boolean;
}

/** An application with jobs, intervals by default, in a worker of its own or together with others. */
class Application {
  readonly #draining = new AbortController();
  readonly #client = new StateClient(executor, 1_000, 0);
  readonly #scheduler: JobScheduler;
  readonly #jobs: Job[];
  readonly state: SharedState;
  readonly standby: Standby;

  constructor(
    readonly name: string,
    jobs: readonly string[],
    { kind = 'interval', run = 'once', onLoss = 'skip', isSpare = false }: JobTerms = {},
  ) {
    this.standby = new Standby(isSpare);
    this.state = this.#openState();
    this.#scheduler = new JobScheduler(
      this.state,
      { subscribe: () => Promise.resolve() } as unknown as ClusterBus,
      {
        standby: this.standby,
        lifecycle: { drainSignal: this.#draining.signal, waitUntil: () => {}, timeLeft: 0 },
        worker: { id: 1, slot: 0, pid: 1, generation: 0 },
      } as unknown as Runtime,
      'release',
      { warn: () => {}, error: () => {} },
      false,
    );
    this.#jobs = jobs.map(job => ({
      name: job,
      kind,
      run,
      overlap: 'allow',
      onLoss,
      cron: () => ({ cronTime: RARE }),
      instants: new CronInstants(),
      call: () => void ran.push(`${job} in ${name}`),
    }));
    this.#jobs.forEach(job => this.#scheduler.add(job));
    applications.push(this);
  }

  async begin(): Promise<void> {
    await this.#scheduler.begin();
    // Its candidates are in the queues before those of the next application.
    await delay(10);
  }

  /** The timers of all jobs fire. */
  async fire(): Promise<void> {
    for (const job of this.#jobs) {
      await this.#scheduler.fire(job, []);
    }
    await new Promise(resolve => setImmediate(resolve));
  }

  /** The timers of all jobs are deleted. */
  removeJobs(): void {
    this.#jobs.splice(0).forEach(job => this.#scheduler.remove(job));
  }

  async end(): Promise<void> {
    this.#draining.abort();
    await this.#client.close();
  }

  #openState(): SharedState {
    const client = this.#client;
    const locks = new Locks(client, () => Promise.resolve());
    const elections = new Elections(locks, this.#draining.signal, { error: () => {} });
    client.onClose(async () => {
      await elections.close();
      await locks.close();
    });
    return Object.assign(jobState(client, locks), {
      leader: (name: string) => elections.join(name, {}),
    });
  }
}

beforeEach(() => {
  executor = new MemoryExecutor();
  ran = [];
  applications = [];
});

afterEach(async () => {
  await Promise.all(applications.map(each => each.end()));
});

/** The timers of all applications fire, one after the other. */
async function fire(): Promise<void> {
  for (const each of applications) {
    await each.fire();
  }
}

/** Fires all timers until these jobs have run, and once more. @returns what has run then */
async function firedUntil(...expected: string[]): Promise<string[]> {
  const expectation = expected.toSorted().join();
  const seen = (): string => [...new Set(ran)].toSorted().join();
  await eventually(
    async () => {
      await fire();
      return seen() === expectation;
    },
    2_000,
    () => `It is: ${seen()}`,
  );
  ran = [];
  await fire();
  return ran.toSorted();
}

describe('an interval', () => {
  it('runs in another worker if it is deleted in the one that runs it', async () => {
    const first = new Application('a', ['clean']);
    await first.begin();
    await new Application('b', ['clean']).begin();
    expect(await firedUntil('clean in a')).toEqual(['clean in a']);
    first.removeJobs();
    ran = [];
    expect(await firedUntil('clean in b')).toEqual(['clean in b']);
  });

  it('runs in one of the workers that have it, and in another one when that one ends', async () => {
    const first = new Application('a', ['clean']);
    await first.begin();
    await new Application('b', ['clean']).begin();
    expect(await firedUntil('clean in a')).toEqual(['clean in a']);
    await first.end();
    applications.shift();
    ran = [];
    expect(await firedUntil('clean in b')).toEqual(['clean in b']);
  });

  it('runs if another application with the same namespace has other intervals', async () => {
    await new Application('shop', ['clean']).begin();
    await new Application('admin', ['report']).begin();
    expect(await firedUntil('clean in shop', 'report in admin')).toEqual([
      'clean in shop',
      'report in admin',
    ]);
  });

  it('runs if only a newer release has it, and runs once if both have it', async () => {
    await new Application('old', ['clean']).begin();
    await new Application('new', ['clean', 'report']).begin();
    expect(await firedUntil('clean in old', 'report in new')).toEqual([
      'clean in old',
      'report in new',
    ]);
  });

  it('has no candidate in a spare until it has a slot', async () => {
    const spare = new Application('spare', ['clean'], { isSpare: true });
    await spare.begin();
    await new Application('worker', ['clean']).begin();
    expect(await firedUntil('clean in worker')).toEqual(['clean in worker']);
    await applications.pop()!.end();
    ran = [];
    spare.standby.end();
    expect(await firedUntil('clean in spare')).toEqual(['clean in spare']);
  });

  it('runs in every worker if it should', async () => {
    await new Application('a', ['clean'], { run: 'each' }).begin();
    await new Application('b', ['clean'], { run: 'each' }).begin();
    expect(await firedUntil('clean in a', 'clean in b')).toEqual(['clean in a', 'clean in b']);
  });
});

describe('a tick', () => {
  it('runs once in a worker whose timer fires again and again', async () => {
    const application = new Application('a', ['close day'], { kind: 'cron', run: 'each' });
    await application.fire();
    await application.fire();
    expect(ran).toEqual(['close day in a']);
  });

  it.each([
    ['skip', 'rerun'],
    ['rerun', 'skip'],
  ] as const)('runs once if one release has onLoss %s, and another one %s', async (...releases) => {
    for (const onLoss of releases) {
      await new Application(onLoss, ['close day'], { kind: 'cron', onLoss }).fire();
    }
    expect(ran).toEqual([`close day in ${releases[0]}`]);
  });

  it('runs once if a worker that would run it again is lost before it finds the claim of the other release', async () => {
    await new Application('skip', ['close day'], { kind: 'cron' }).fire();
    const release = new Application('rerun', ['close day'], { kind: 'cron', onLoss: 'rerun' });
    const { at } = new CronInstants().tick(RARE, Date.now())!;
    const occurrence = { id: String(at), at, ttl: 60_000 };
    const key = `$nestjs-cluster.schedule:rerun:close day:${at}`;
    const record = { name: 'close day', occurrence, attempts: 1 };
    await release.state.map(JOB_MAPS.running).set(key, record);
    await release.fire();
    expect(ran).toEqual(['close day in skip']);
  });
});
