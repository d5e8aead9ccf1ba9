import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  type DynamicModule,
  Injectable,
  type OnApplicationShutdown,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Cron, Interval, ScheduleModule, SchedulerRegistry, Timeout } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CronJob } from 'cron';
import { ClusterModule } from '../../src/cluster.module.js';
import { ClusterConfigError } from '../../src/model/errors/cluster-config.error.js';
import {
  ClusterJob,
  ClusterSchedule,
  ClusterScheduleModule,
  type JobContext,
} from '../../src/schedule/index.js';
import { SharedState } from '../../src/state/shared-state.js';
import { deferred } from '../../src/system/async/deferred.js';
import { eventually } from '../support/eventually.js';

const NEVER = '0 0 29 2 *';

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

/** A decorator that replaces the method, and keeps its metadata. */
function replace(
  _: object,
  __: string | symbol,
  descriptor: PropertyDescriptor,
): PropertyDescriptor {
  const original = descriptor.value as object;
  for (const key of Reflect.getMetadataKeys(original) as string[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), replacement);
  }
  return { ...descriptor, value: replacement };
}

function replacement(): void {}

async function application(
  providers: readonly Type[],
  imports: readonly DynamicModule[] = [ScheduleModule.forRoot(), ClusterScheduleModule.forRoot()],
): Promise<ClusterSchedule> {
  app = await Test.createTestingModule({
    imports: [ClusterModule.forRoot(), ...imports],
    providers: [...providers],
  }).compile();
  await app.init();
  return app.get(ClusterSchedule);
}

describe('the jobs of one process', () => {
  it('are known by their names, or else by module, class and method', async () => {
    @Injectable()
    class Jobs {
      @Cron(NEVER, { name: 'named' })
      one(): void {}

      @Cron(NEVER)
      @ClusterJob({ name: 'renamed', run: 'host' })
      two(): void {}

      @Interval('heartbeat', 3_600_000)
      three(): void {}

      @Timeout(3_600_000)
      four(): void {}
    }
    const schedule = await application([Jobs]);
    const jobs = await schedule.jobs();
    expect(jobs.map(({ name, kind, run }) => [name, kind, run])).toEqual([
      ['named', 'cron', 'once'],
      ['renamed', 'cron', 'host'],
      ['heartbeat', 'interval', 'once'],
      ['RootTestModule.Jobs.four', 'timeout', 'once'],
    ]);
    expect(jobs[0]!.nextRun).toBeGreaterThan(Date.now());
  });

  it('are found for each instance of a class, and under decorators that replace the method', async () => {
    @Injectable()
    class Jobs {
      @replace
      @Cron(NEVER)
      @ClusterJob({ overlap: 'allow', run: 'host' })
      run(): void {}
    }
    const { name } = Jobs;
    app = await Test.createTestingModule({
      imports: [ClusterModule.forRoot(), ScheduleModule.forRoot(), ClusterScheduleModule.forRoot()],
      providers: [Jobs, { provide: 'other', useClass: Jobs }],
    }).compile();
    await app.init();
    expect(await app.get(ClusterSchedule).jobs()).toMatchObject([
      { name: `RootTestModule.${name}.run`, run: 'host' },
      { name: `RootTestModule.${name}.run#2`, run: 'host' },
    ]);
  });

  it('are found in any order of the imports', async () => {
    @Injectable()
    class Jobs {
      @Cron(NEVER, { name: 'job' })
      run(): void {}
    }
    const imports = [ClusterScheduleModule.forRoot(), ScheduleModule.forRoot()];
    const schedule = await application([Jobs], imports);
    expect(await schedule.jobs()).toMatchObject([{ name: 'job' }]);
  });

  it('get a signal and a token that grows, and leave their last run', async () => {
    const contexts: JobContext[] = [];
    @Injectable()
    class Jobs {
      @Cron(NEVER, { name: 'job' })
      run(context: JobContext): void {
        contexts.push(context);
        if (contexts.length === 2) {
          throw new Error('no paper');
        }
      }
    }
    const schedule = await application([Jobs]);
    expect(await schedule.runNow('job')).toBe(true);
    expect(await schedule.jobs()).toMatchObject([
      { lastRun: { result: 'done', worker: { pid: process.pid, slot: 0 } } },
    ]);
    await expect(schedule.runNow('job')).rejects.toThrow('no paper');
    expect(await schedule.jobs()).toMatchObject([{ lastRun: { result: 'failed' } }]);
    expect(contexts[1]!.token).toBeGreaterThan(contexts[0]!.token);
    expect(contexts[0]!.signal.aborted).toBe(false);
  });

  it.each([
    ['skip', ['begin', 'end']],
    ['queue', ['begin', 'end', 'begin', 'end']],
    ['allow', ['begin', 'begin', 'end', 'end']],
  ] as const)('with overlap %s', async (overlap, expected) => {
    const log: string[] = [];
    let begun = 0;
    @Injectable()
    class Jobs {
      @Cron(NEVER)
      @ClusterJob({ name: 'job', overlap })
      async run(): Promise<void> {
        log.push('begin');
        const wanted = overlap === 'allow' ? 2 : 1;
        begun++;
        await eventually(
          () => begun >= wanted,
          5_000,
          () => 'The other run has not begun',
        );
        await new Promise(resolve => setTimeout(resolve, 100));
        log.push('end');
      }
    }
    const schedule = await application([Jobs]);
    await Promise.all([schedule.runNow('job'), schedule.runNow('job')]);
    expect(log).toEqual(expected);
  });

  it('with overlap queue, wait once in a worker', async () => {
    const ended = deferred();
    let runs = 0;
    @Injectable()
    class Jobs {
      @Cron(NEVER)
      @ClusterJob({ name: 'job', overlap: 'queue' })
      async run(): Promise<void> {
        runs++;
        await ended.promise;
      }
    }
    const schedule = await application([Jobs]);
    const first = schedule.runNow('job');
    await eventually(
      () => runs === 1,
      5_000,
      () => 'The first run has not begun',
    );
    const others = [schedule.runNow('job'), schedule.runNow('job'), schedule.runNow('job')];
    expect(await Promise.race(others)).toBe(false);
    ended.resolve();
    expect([await first, ...(await Promise.all(others))].filter(Boolean)).toHaveLength(2);
    expect(runs).toBe(2);
  });

  it('run while a CronJob is registered, with its errors at its own handler', async () => {
    const errors: unknown[] = [];
    const schedule = await application([]);
    const registry = app!.get(SchedulerRegistry);
    const failure = new Error('no paper');
    const cronJob = CronJob.from({
      cronTime: NEVER,
      onTick: () => Promise.reject(failure),
      errorHandler: error => errors.push(error),
    });
    registry.addCronJob('dynamic', cronJob);
    expect(await schedule.jobs()).toMatchObject([{ name: 'dynamic' }]);
    await cronJob.fireOnTick();
    await eventually(
      () => errors.length > 0,
      5_000,
      () => 'The handler was not called',
    );
    expect(errors).toEqual([failure]);
    registry.deleteCronJob('dynamic');
    await expect(schedule.runNow('dynamic')).rejects.toThrow(ClusterConfigError);
    expect(await schedule.jobs()).toEqual([]);
    registry.addCronJob('dynamic', new CronJob(NEVER, () => {}));
    expect(await schedule.jobs()).toHaveLength(1);
  });

  it.each([
    ['without Redis', null],
    ['with Redis', process.env['TEST_REDIS_URL'] ?? null],
  ])('run again if their CronJob is deleted and added again, %s', async (_, redis) => {
    const log: string[] = [];
    @Injectable()
    class Jobs {
      @Cron(NEVER)
      @ClusterJob({ name: 'decorated', run: 'host' })
      decorated({ token }: JobContext): void {
        log.push(`decorated with ${typeof token}`);
      }
    }
    app = await Test.createTestingModule({
      imports: [
        ClusterModule.forRoot({ namespace: randomUUID(), redis }),
        ScheduleModule.forRoot(),
        ClusterScheduleModule.forRoot(),
      ],
      providers: [Jobs],
    }).compile();
    await app.init();
    const [schedule, registry] = [app.get(ClusterSchedule), app.get(SchedulerRegistry)];
    registry.addCronJob('dynamic', new CronJob(NEVER, () => void log.push('dynamic')));
    for (const key of Array.from(registry.getCronJobs().keys())) {
      const cronJob = registry.getCronJob(key);
      const isDynamic = key === 'dynamic';
      const name = isDynamic ? 'dynamic' : 'decorated';
      registry.deleteCronJob(key);
      expect((await schedule.jobs()).map(job => job.name)).not.toContain(name);
      registry.addCronJob(key, cronJob);
      expect(await schedule.jobs()).toContainEqual(
        expect.objectContaining({ name, run: isDynamic ? 'once' : 'host' }),
      );
      log.length = 0;
      await cronJob.fireOnTick();
      await eventually(
        async () => (await schedule.jobs()).find(job => job.name === name)?.lastRun !== undefined,
        5_000,
        () => `${name} has not run at its tick`,
      );
      expect(await schedule.runNow(name)).toBe(true);
      const run = isDynamic ? 'dynamic' : 'decorated with number';
      expect(log).toEqual([run, run]);
    }
  });

  it('are forgotten if their interval or timeout is deleted', async () => {
    @Injectable()
    class Jobs {
      @Interval('named interval', 3_600_000)
      one(): void {}

      @Interval(3_600_000)
      two(): void {}

      @Timeout('named timeout', 3_600_000)
      three(): void {}

      @Timeout(3_600_000)
      four(): void {}

      @Interval('left', 3_600_000)
      five(): void {}
    }
    const schedule = await application([Jobs]);
    const registry = app!.get(SchedulerRegistry);
    const timers = registry.getIntervals().filter(name => name !== 'left');
    timers.forEach(name => registry.deleteInterval(name));
    registry.getTimeouts().forEach(name => registry.deleteTimeout(name));
    expect(await schedule.jobs()).toMatchObject([{ name: 'left' }]);
    await expect(schedule.runNow('named interval')).rejects.toThrow(ClusterConfigError);
    // Intervals of the user are not jobs, whatever their names are.
    registry.addInterval(
      'named interval',
      setInterval(() => {}, 3_600_000),
    );
    registry.addCronJob('named interval', new CronJob(NEVER, () => {}));
    registry.deleteInterval('named interval');
    expect(await schedule.jobs()).toMatchObject([{ name: 'left' }, { name: 'named interval' }]);
    expect(() => registry.deleteInterval('unknown')).toThrow('unknown');
  });

  it('are known while the application closes', async () => {
    const found: unknown[] = [];
    @Injectable()
    class Jobs implements OnApplicationShutdown {
      constructor(private readonly moduleRef: ModuleRef) {}

      @Interval('interval', 3_600_000)
      one(): void {}

      @Cron(NEVER, { name: 'cron' })
      two(): void {}

      async onApplicationShutdown(): Promise<void> {
        const schedule = this.moduleRef.get(ClusterSchedule, { strict: false });
        found.push(...(await schedule.jobs()).map(({ name }) => name));
      }
    }
    await application([Jobs]);
    await app!.close();
    expect(found).toEqual(['interval', 'cron']);
  });

  it('have another name if their CronJob is added with another one', async () => {
    const schedule = await application([]);
    const registry = app!.get(SchedulerRegistry);
    const cronJob = new CronJob(NEVER, () => {});
    registry.addCronJob('old', cronJob);
    registry.deleteCronJob('old');
    registry.addCronJob('new', cronJob);
    expect((await schedule.jobs()).map(({ name }) => name)).toEqual(['new']);
    registry.addCronJob('second', cronJob);
    expect((await schedule.jobs()).map(({ name }) => name)).toEqual(['second']);
    registry.deleteCronJob('second');
    expect(await schedule.jobs()).toEqual([]);
    registry.addCronJob('mapped', new CronJob(NEVER, () => {}));
    registry.getCronJobs().delete('mapped');
    expect(await schedule.jobs()).toEqual([]);
  });

  it('are found if a constructor adds them before the module is ready', async () => {
    @Injectable()
    class Jobs {
      constructor(registry: SchedulerRegistry) {
        registry.addCronJob('early', new CronJob(NEVER, () => void log.push('early')));
      }
    }
    const log: string[] = [];
    // The options of the cluster are awaited, so the constructor of `ClusterSchedule` runs last.
    const options = ClusterModule.forRootAsync({ useFactory: async () => setImmediate({}) });
    app = await Test.createTestingModule({
      imports: [options, ScheduleModule.forRoot(), ClusterScheduleModule.forRoot()],
      providers: [Jobs],
    }).compile();
    await app.init();
    expect(await app.get(ClusterSchedule).jobs()).toMatchObject([{ name: 'early', run: 'once' }]);
    await app.get(SchedulerRegistry).getCronJob('early').fireOnTick();
    await eventually(
      async () => (await app!.get(ClusterSchedule).jobs())[0]!.lastRun !== undefined,
      5_000,
      () => 'The job has not run',
    );
    expect(log).toEqual(['early']);
  });

  it('are refused if the CronJob is of an unknown version', async () => {
    await application([]);
    const unknown = { fireOnTick: async () => {} } as unknown as CronJob;
    expect(() => app!.get(SchedulerRegistry).addCronJob('job', unknown)).toThrow(
      'ClusterScheduleModule does not know this version of cron.',
    );
  });

  it('leave those of an application without the module alone', async () => {
    let runs = 0;
    const other = await Test.createTestingModule({
      imports: [ClusterModule.forRoot(), ScheduleModule.forRoot()],
    }).compile();
    await other.init();
    const cronJob = new CronJob(NEVER, () => void runs++);
    other.get(SchedulerRegistry).addCronJob('job', cronJob);
    await cronJob.fireOnTick();
    await cronJob.fireOnTick();
    expect(runs).toBe(2);
    await other.close();
  });
});

async function noneLeft(): Promise<void> {
  const begun = app!.get(SharedState).map('$nestjs-cluster.schedule.running');
  await eventually(
    async () => (await begun.size()) === 0,
    5_000,
    () => 'The record is still there',
  );
}

describe('a run that a lost worker has begun', () => {
  const log: string[] = [];

  @Injectable()
  class Jobs {
    @Cron(NEVER)
    @ClusterJob({ name: 'job', onLoss: 'rerun' })
    run({ scheduledAt }: JobContext): void {
      log.push(`run of ${scheduledAt}`);
    }
  }

  /** Starts an application that finds the run. */
  async function find(
    record: object,
    key = '$nestjs-cluster.schedule:rerun:job:7',
  ): Promise<number> {
    app = await Test.createTestingModule({
      imports: [
        // Without Redis, the runs of a single process end with it.
        ClusterModule.forRoot({
          namespace: randomUUID(),
          redis: process.env['TEST_REDIS_URL'] ?? '',
        }),
        ScheduleModule.forRoot(),
        ClusterScheduleModule.forRoot(),
      ],
      providers: [Jobs],
    })
      .setLogger({
        log() {},
        warn: text => log.push(text),
        error: text => log.push(text),
      })
      .compile();
    const begun = app.get(SharedState).map('$nestjs-cluster.schedule.running');
    const occurrence = { id: '7', at: 7, ttl: 60_000 };
    await begun.set(key, { name: 'job', occurrence, ...record });
    log.length = 0;
    await app.init();
    return begun.size();
  }

  it('is run again by a worker that starts, once', async () => {
    await find({ attempts: 1 });
    await noneLeft();
    expect(log).toEqual(['run of 7']);
  });

  it('is given up if it has ended too many workers', async () => {
    await find({ attempts: 3 });
    await noneLeft();
    expect(log).toEqual(['The job "job" is not run again: 3 workers have ended while they ran it']);
  });

  it('is left alone if it belongs to another host', async () => {
    expect(await find({ attempts: 1 }, '$nestjs-cluster.schedule:rerun:job@other:7')).toBe(1);
    await app!.get(ClusterSchedule).runNow('job');
    expect(log).toHaveLength(1);
  });
});

describe('what is wrong', () => {
  it('is an application without ScheduleModule', async () => {
    await expect(application([], [ClusterScheduleModule.forRoot()])).rejects.toThrow(
      'ClusterScheduleModule needs ScheduleModule.forRoot() among the imports of the application.',
    );
  });

  it('are two jobs with one name', async () => {
    @Injectable()
    class Jobs {
      @Cron(NEVER)
      @ClusterJob({ name: 'job' })
      one(): void {}

      @Interval(1_000)
      @ClusterJob({ name: 'job' })
      other(): void {}
    }
    await expect(application([Jobs])).rejects.toThrow(ClusterConfigError);
  });

  it('are options of @ClusterJob() that do not exist', () => {
    expect(() => ClusterJob({ run: 'always' as never })).toThrow(
      "run of @ClusterJob() must be one of 'once', 'host', 'each'",
    );
    expect(() => ClusterJob({ name: '' })).toThrow(ClusterConfigError);
    expect(() => ClusterJob({ run: 'each', onLoss: 'rerun' })).toThrow(
      'no other worker can take the place of the one that was lost',
    );
  });

  it('are names of jobs that do not exist', async () => {
    const schedule = await application([]);
    await expect(schedule.runNow('nothing')).rejects.toThrow(ClusterConfigError);
    await expect(schedule.pause('nothing')).rejects.toThrow(ClusterConfigError);
  });
});
