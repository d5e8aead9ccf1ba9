import { Injectable } from '@nestjs/common';
import { Cron, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { CronJob } from 'cron';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptJobs } from '../../../src/schedule/schedule-hook.js';

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
let applications: TestingModule[];

/** An application that runs its jobs at once, and logs the name of each. */
async function application(name: string, providers = [Jobs]): Promise<SchedulerRegistry> {
  const app = await Test.createTestingModule({
    imports: [ScheduleModule.forRoot()],
    providers,
  }).compile();
  applications.push(app);
  const registry = app.get(SchedulerRegistry);
  adoptJobs(registry, job => {
    if (job.name === REFUSED) {
      throw new Error(REFUSED);
    }
    return () => {
      log.push(`${job.name} of ${name}`);
      return job.call({}, []);
    };
  });
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
  applications = [];
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
