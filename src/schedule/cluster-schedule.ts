import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { releaseName } from '../config/release.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { OWN_STATE } from '../state/own-state.token.js';
import type { SharedState } from '../state/shared-state.js';
import { systemClock } from '../system/time/clock.js';
import { isJobName, jobOptionsOf } from './cluster-job.decorator.js';
import { CronInstants } from './cron-instants.js';
import { type Job, jobDefaults } from './job.js';
import type { JobStatus } from './job.interface.js';
import { jobName, methodName } from './job-name.js';
import { JobScheduler } from './job-scheduler.js';
import { openSchedulesOf } from './open-schedules.js';
import { adoptJobs, type FoundJob, isRegistered } from './schedule-hook.js';

/**
 * The scheduled jobs of all workers. Injectable anywhere.
 *
 * @publicApi
 */
@Injectable()
export class ClusterSchedule {
  readonly #scheduler: JobScheduler;
  /** Decorated jobs keep their names if they are deleted and added again. */
  readonly #adopted = new Map<FoundJob, Job>();
  /** Whether the application closes: Nest deletes all jobs then, and requests that it still answers know them. */
  #isClosing = false;
  /** Removes the jobs of this application from those of its process. */
  readonly #withdraw: () => void;

  /** @internal */
  constructor(
    @Inject(OWN_STATE) state: SharedState,
    @Inject(OWN_BUS) bus: ClusterBus,
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(CLUSTER_OPTIONS) options: ResolvedClusterOptions,
    private readonly modules: ModulesContainer,
    @Optional() private readonly registry?: SchedulerRegistry,
  ) {
    if (!registry) {
      const expected = 'ScheduleModule.forRoot() among the imports of the application';
      throw new ClusterConfigError(
        'ClusterScheduleModule',
        undefined,
        expected,
        `ClusterScheduleModule needs ${expected}.`,
      );
    }
    const logger = new Logger('ClusterSchedule');
    const isAlone = runtime.mode === 'single' && !options.redis;
    this.#scheduler = new JobScheduler(state, bus, runtime, releaseName(options), logger, isAlone);
    adoptJobs(
      registry,
      found => this.#adopt(found),
      found => this.#remove(found),
    );
    this.#withdraw = openSchedulesOf(runtime).add(this);
  }

  /** @internal */
  async onApplicationBootstrap(): Promise<void> {
    await this.#scheduler.begin();
  }

  /** @internal */
  onModuleDestroy(): void {
    this.#isClosing = true;
  }

  /** @internal */
  onApplicationShutdown(): void {
    this.#withdraw();
  }

  /**
   * Returns all jobs that this worker knows, with their last runs in any worker.
   *
   * @throws StateUnavailableError if the backend does not answer
   */
  async jobs(): Promise<JobStatus[]> {
    const [lastRuns, pausedNames] = await Promise.all([
      this.#scheduler.runs.lastRuns(),
      this.#scheduler.runs.paused(),
    ]);
    this.#forgetRemoved();
    return [...this.#scheduler.jobs.values()].map(job => {
      const lastRun = lastRuns.get(job.name);
      const nextRun = nextRunOf(job);
      return {
        name: job.name,
        kind: job.kind,
        run: job.run,
        isPaused: pausedNames.has(job.name),
        ...(lastRun && { lastRun }),
        ...(nextRun !== undefined && { nextRun }),
      };
    });
  }

  /**
   * Runs a job now, in this worker, beside its schedule. Resolves when the run has ended. With `overlap: 'queue'`, it
   * first waits for the run that goes on.
   *
   * @returns whether it ran: not if it is paused, must not overlap with a run that goes on, or this worker drains
   * @throws ClusterConfigError if there is no such job
   * @throws StateUnavailableError, AmbiguousResultError if the backend is unavailable for longer than a minute
   * @throws the error of the job
   */
  async runNow(name: string): Promise<boolean> {
    return this.#scheduler.runNow(this.#job(name));
  }

  /**
   * Pauses a job in all workers, until `resume()`: what is due meanwhile is not run. A run that goes on is not ended.
   *
   * @throws ClusterConfigError if there is no such job
   * @throws StateUnavailableError, AmbiguousResultError if the backend does not answer
   */
  async pause(name: string): Promise<void> {
    await this.#scheduler.runs.pause(this.#job(name).name);
  }

  /**
   * Ends the pause of a job. The job may have been removed meanwhile.
   *
   * @throws ClusterConfigError, StateUnavailableError, AmbiguousResultError as in `pause()`
   */
  async resume(name: string): Promise<void> {
    const wasPaused = await this.#scheduler.runs.resume(name);
    if (!wasPaused) {
      this.#job(name);
    }
  }

  #adopt(found: FoundJob): (...args: unknown[]) => Promise<void> | undefined {
    // A `CronJob` may be deleted from the registry, and another one added with its name.
    this.#forgetRemoved();
    const job = this.#adopted.get(found) ?? this.#jobOf(found);
    if (this.#scheduler.jobs.get(job.name) !== job) {
      this.#check(job.name);
      this.#scheduler.add(job);
      this.#adopted.set(found, job);
    }
    return (...args) => this.#scheduler.fire(job, args);
  }

  #remove(found: FoundJob): void {
    const job = this.#adopted.get(found);
    if (!job || this.#isClosing) {
      return;
    }
    this.#scheduler.remove(job);
    if (!found.method) {
      this.#adopted.delete(found);
    }
  }

  #jobOf(found: FoundJob): Job {
    const { kind, call, method } = found;
    const options = method ? jobOptionsOf(method.owner, methodName(method.owner, method.ref)) : {};
    const isTaken = (name: string): boolean => this.#scheduler.jobs.has(name);
    return {
      name: options.name ?? found.name ?? (method ? jobName(this.modules, method, isTaken) : ''),
      kind,
      ...jobDefaults(options),
      cron: () => found.cron,
      instants: new CronInstants(),
      call,
    };
  }

  /** @throws ClusterConfigError unless a job can have this name */
  #check(name: string): void {
    if (!isJobName(name)) {
      throw new ClusterConfigError('the name of a job', name, 'a text of 1 to 200 characters');
    }
    if (this.#scheduler.jobs.has(name)) {
      throw new ClusterConfigError(
        'the name of a job',
        name,
        'a name that no other job has',
        `Two jobs have the name "${name}". Give one of them another name: @ClusterJob({ name: '…' }).`,
      );
    }
  }

  /** Forgets the jobs whose `CronJob` was deleted from the map that the registry returns. */
  #forgetRemoved(): void {
    for (const found of this.#adopted.keys()) {
      if (found.cron && this.registry && !isRegistered(this.registry, found)) {
        this.#remove(found);
      }
    }
  }

  #job(name: string): Job {
    this.#forgetRemoved();
    const job = this.#scheduler.jobs.get(name);
    if (!job) {
      const names = [...this.#scheduler.jobs.keys()].map(each => `"${each}"`).join(', ') || 'none';
      throw new ClusterConfigError('the name of a job', name, `one of the jobs: ${names}`);
    }
    return job;
  }
}

function nextRunOf(job: Job): number | undefined {
  const cron = job.cron();
  return cron?.isActive ? job.instants.next(cron.cronTime, systemClock.wallTime()) : undefined;
}
