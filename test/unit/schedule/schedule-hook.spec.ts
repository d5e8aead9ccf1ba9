import { Injectable } from '@nestjs/common';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { CronJob } from 'cron';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdoptJob, adoptJobs } from '../../../src/schedule/schedule-hook.js';
import { deferred } from '../../../src/system/async/deferred.js';

const NEVER = '0 0 29 2 *';
const REFUSED = 'refused';

@Injectable()
class Jobs {
  @Cron(NEVER, { name: 'decorated' })
  decorated(): void {
    log.push('decorated');
  }
}

let log: string[];
/** Whether the jobs run here, and not in another worker. */
let isDue: boolean;
let applications: TestingModule[];
/** The jobs that an application was told to remove. */
let removed: string[];

/** An application that runs its jobs at once if they are due, and logs the name of each. */
async function application(name: string, providers = [Jobs]): Promise<SchedulerRegistry> {
  const app = await Test.createTestingModule({
    imports: [ScheduleModule.forRoot()],
    providers,
  }).compile();
  applications.push(app);
  const registry = app.get(SchedulerRegistry);
  const adopt: AdoptJob = job => {
    if (job.name === REFUSED) {
      throw new Error(REFUSED);
    }
    return () => {
      log.push(`${job.name} of ${name}`);
      return isDue ? job.call({}, []) : undefined;
    };
  };
  adoptJobs(registry, adopt, job => removed.push(`${job.name} of ${name}`));
  await app.init();
  return registry;
}

/** What happens at the next tick of a `CronJob`. */
async function tick(cronJob: CronJob): Promise<string[]> {
  log = [];
  await cronJob.fireOnTick();
  return log;
}

const dynamicJob = (): CronJob => new CronJob(NEVER, () => void log.push('dynamic'));

beforeEach(() => {
  log = [];
  isDue = true;
  applications = [];
  removed = [];
});

afterEach(async () => {
  await Promise.all(applications.map(app => app.close()));
});

describe('a CronJob that is added again', () => {
  it('is taken over by its new name, and calls what the user wrote', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    registry.addCronJob('one', cronJob);
    expect(await tick(cronJob)).toEqual(['one of a', 'dynamic']);
    registry.deleteCronJob('one');
    registry.addCronJob('other', cronJob);
    expect(await tick(cronJob)).toEqual(['other of a', 'dynamic']);
  });

  it('belongs to the application to which it was added last', async () => {
    const [first, second] = [await application('a'), await application('b', [])];
    for (const [name, cronJob] of [
      ['dynamic', dynamicJob()],
      ['decorated', first.getCronJob('decorated')],
    ] as const) {
      if (!first.doesExist('cron', name)) {
        first.addCronJob(name, cronJob);
      }
      first.deleteCronJob(name);
      second.addCronJob(name, cronJob);
      expect(await tick(cronJob)).toEqual([`${name} of b`, name]);
      second.deleteCronJob(name);
      first.addCronJob(name, cronJob);
      expect(await tick(cronJob)).toEqual([`${name} of a`, name]);
    }
  });

  it('stays as it is if the registry refuses it', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    registry.addCronJob('job', cronJob);
    expect(() => registry.addCronJob('decorated', cronJob)).toThrow('decorated');
    expect(await tick(cronJob)).toEqual(['job of a', 'dynamic']);
    expect(removed).toEqual([]);
  });

  it('stays as it is if the application refuses it', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    expect(() => registry.addCronJob(REFUSED, cronJob)).toThrow(REFUSED);
    expect(await tick(cronJob)).toEqual(['dynamic']);
    registry.addCronJob('job', cronJob);
    registry.deleteCronJob('job');
    expect(() => registry.addCronJob(REFUSED, cronJob)).toThrow(REFUSED);
    expect(await tick(cronJob)).toEqual(['job of a', 'dynamic']);
  });
});

it('does not use what another version of this package has left', async () => {
  const key = Symbol.for('nestjs-cluster:schedule');
  const explorers = ScheduleModule.forRoot().providers as { readonly prototype?: object }[];
  const prototypes = explorers.flatMap(({ prototype }) => prototype ?? []);
  prototypes.forEach(prototype => Reflect.set(prototype, key, new WeakMap()));
  try {
    const registry = await application('a');
    expect(await tick(registry.getCronJob('decorated'))).toEqual(['decorated of a', 'decorated']);
  } finally {
    prototypes.forEach(prototype => Reflect.deleteProperty(prototype, key));
  }
});

describe('a job is removed', () => {
  it('at once if its CronJob is deleted, also by the name with which it was added last', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    registry.addCronJob('old', cronJob);
    registry.deleteCronJob('old');
    registry.addCronJob('new', cronJob);
    removed = [];
    registry.deleteCronJob('new');
    registry.deleteCronJob('decorated');
    expect(removed).toEqual(['new of a', 'decorated of a']);
    expect(() => registry.deleteCronJob('unknown')).toThrow('unknown');
  });

  it('if its CronJob is added with a second name', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    registry.addCronJob('one', cronJob);
    registry.addCronJob('other', cronJob);
    expect(removed).toEqual(['one of a']);
    registry.deleteCronJob('one');
    expect(removed).toEqual(['one of a']);
    registry.deleteCronJob('other');
    expect(removed).toEqual(['one of a', 'other of a']);
  });

  it('if its CronJob is added to another application', async () => {
    const [first, second] = [await application('a'), await application('b', [])];
    first.addCronJob('dynamic', dynamicJob());
    for (const name of ['dynamic', 'decorated']) {
      second.addCronJob(name, first.getCronJob(name));
    }
    expect(removed).toEqual(['dynamic of a', 'decorated of a']);
  });

  it('of a method only if its CronJob has no name left', async () => {
    const registry = await application('a');
    registry.addCronJob('other', registry.getCronJob('decorated'));
    registry.deleteCronJob('decorated');
    expect(removed).toEqual([]);
    registry.deleteCronJob('other');
    expect(removed).toEqual(['decorated of a']);
  });
});

describe('callbacks that are added to a CronJob', () => {
  it('are a part of its job, also after it was deleted and added again', async () => {
    const registry = await application('a');
    const dynamic = dynamicJob();
    registry.addCronJob('dynamic', dynamic);
    for (const [name, cronJob] of [
      ['dynamic', dynamic],
      ['decorated', registry.getCronJob('decorated')],
    ] as const) {
      cronJob.addCallback(() => void log.push('added'));
      expect(await tick(cronJob)).toEqual([`${name} of a`, name, 'added']);
      registry.deleteCronJob(name);
      cronJob.addCallback(() => void log.push('another'));
      registry.addCronJob(name, cronJob);
      expect(await tick(cronJob)).toEqual([`${name} of a`, name, 'added', 'another']);
      isDue = false;
      expect(await tick(cronJob)).toEqual([`${name} of a`]);
      isDue = true;
    }
  });

  it('are called with the context of the CronJob, and ignored if they are no functions', async () => {
    const registry = await application('a');
    const cronJob = dynamicJob();
    registry.addCronJob('dynamic', cronJob);
    const contexts: unknown[] = [];
    cronJob.addCallback(function (this: unknown) {
      contexts.push(this);
    });
    cronJob.addCallback(undefined as never);
    await tick(cronJob);
    expect(contexts).toHaveLength(1);
    expect(contexts[0]).toBe(cronJob);
  });

  it('have ended when the run ends, with the errors of all', async () => {
    const registry = await application('a');
    const errors: unknown[] = [];
    const end = deferred();
    const cronJob = CronJob.from({
      cronTime: NEVER,
      onTick: () => Promise.reject(new Error('one')),
      errorHandler: error => errors.push(error),
      waitForCompletion: true,
    });
    registry.addCronJob('dynamic', cronJob);
    cronJob.addCallback(async () => {
      await end.promise;
      log.push('ended');
    });
    cronJob.addCallback(() => {
      throw new Error('other');
    });
    setImmediate(() => end.resolve());
    expect(await tick(cronJob)).toEqual(['dynamic of a', 'ended']);
    expect(errors).toMatchObject([{ errors: [{ message: 'one' }, { message: 'other' }] }]);
  });
});
