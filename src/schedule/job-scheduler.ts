import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import { defineTopic } from '../bus/publish/topic.js';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Leader } from '../state/objects/leader.js';
import type { SharedState } from '../state/shared-state.js';
import { systemClock } from '../system/time/clock.js';
import { Claims, patiently } from './claims.js';
import type { Job, Occurrence } from './job.js';
import type { JobPlace } from './job.interface.js';
import { JOB_MAPS, JobKeys } from './job-keys.js';
import { type Attempt, JobRuns } from './job-runs.js';
import { scheduleMessages } from './schedule.messages.js';
import { whileWaiting } from './while-waiting.js';

/** More than the clocks of hosts differ, in ms. */
const CLOCK_DIFFERENCE = 2 * 60_000;

/** The longest that a worker waits for the end of the run of another one, in ms. */
const RERUN_WAIT = 24 * 3_600_000;

/** A run that a worker has given up because it drains. */
interface HandedOver {
  readonly name: string;
  readonly occurrence: Occurrence;
}

const TOPIC = defineTopic<HandedOver>('$nestjs-cluster.schedule');

/**
 * Decides in which worker a job that is due runs.
 *
 * - Cron: the first worker that claims the scheduled time.
 * - Timeout: the first worker that claims it for this release.
 * - Interval: the leader.
 *
 * With `onLoss: 'rerun'`, all workers queue for a lock of the occurrence instead of one claiming it: the next in the
 * queue runs it unless the holder has left a sign that it was done.
 *
 * @internal
 */
export class JobScheduler {
  readonly #jobs = new Map<string, Job>();
  readonly #leaders = new Map<JobPlace, Leader>();
  readonly #claims: Claims;
  readonly #keys: JobKeys;
  readonly #runs: JobRuns;

  constructor(
    private readonly state: SharedState,
    private readonly bus: ClusterBus,
    private readonly runtime: Runtime,
    /** What a timeout runs once for. */
    private readonly release: string,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
  ) {
    this.#claims = new Claims(state);
    this.#keys = new JobKeys(runtime);
    this.#runs = new JobRuns(state, this.#keys, runtime, logger);
  }

  get jobs(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  /** @throws ClusterConfigError if a job has this name already */
  add(job: Job): void {
    if (this.#jobs.has(job.name)) {
      throw new ClusterConfigError(
        'name of @ClusterJob()',
        job.name,
        'a name that no other job has',
        `Two jobs have the name "${job.name}". Give one of them another name: @ClusterJob({ name: '…' }).`,
      );
    }
    this.#jobs.set(job.name, job);
  }

  get(name: string): Job | undefined {
    return this.#jobs.get(name);
  }

  remove(job: Job): void {
    this.#jobs.delete(job.name);
  }

  isPaused(job: Job): Promise<boolean> {
    return this.#runs.isPaused(job);
  }

  /** Begins: intervals need a leader, and runs of workers that have died may be left. */
  async begin(): Promise<void> {
    await this.bus.subscribe(TOPIC, ({ name, occurrence }) => {
      const job = this.#jobs.get(name);
      if (job) {
        this.#work(this.#unattended(job, occurrence));
      }
    });
    if (this.#mayRun) {
      this.jobs.filter(({ kind }) => kind === 'interval').forEach(({ run }) => this.#leader(run));
      this.#work(
        this.#joinRuns().catch(error => this.logger.warn(scheduleMessages.notJoined(error))),
      );
    }
  }

  /**
   * A timer has fired.
   *
   * @throws the error of the job
   */
  async fire(job: Job, args: readonly unknown[]): Promise<void> {
    const occurrence = this.#mayRun ? this.#occurrence(job) : undefined;
    if (occurrence) {
      const run = this.#due(job, occurrence, args);
      this.#work(run);
      await run;
    }
  }

  /**
   * Runs a job now.
   *
   * @returns whether it ran
   * @throws the error of the job
   */
  async runNow(job: Job): Promise<boolean> {
    const now: Occurrence = { id: randomUUID(), at: systemClock.wallTime(), ttl: undefined };
    const run = this.#runs.attempt(job, now, []);
    this.#work(run);
    const { outcome, failure } = await run;
    if (failure) {
      throw failure.error;
    }
    return outcome === 'ran';
  }

  /** A spare has no part in anything, and a worker that drains begins nothing. */
  get #mayRun(): boolean {
    return !this.runtime.standby.waits && !this.runtime.lifecycle.drainSignal.aborted;
  }

  #occurrence(job: Job): Occurrence | undefined {
    const now = systemClock.wallTime();
    if (job.kind === 'timeout') {
      return { id: this.release, at: now, ttl: undefined };
    }
    if (job.kind === 'interval') {
      const { isLeader } = this.#leader(job.run);
      return isLeader ? { id: randomUUID(), at: now, ttl: undefined } : undefined;
    }
    const cron = job.cron();
    const tick = cron && job.instants.tick(cron.cronTime, now);
    const ttl = Math.max(0, (tick?.next ?? 0) - now) + CLOCK_DIFFERENCE;
    return tick && { id: String(tick.at), at: tick.at, ttl };
  }

  /** Runs an occurrence that no timer of this worker waits for. */
  async #unattended(job: Job, occurrence: Occurrence): Promise<void> {
    await this.#due(job, occurrence, []).catch((error: unknown) => this.logger.error(error));
  }

  /**
   * Runs an occurrence unless another worker does.
   *
   * @throws the error of the job
   */
  async #due(job: Job, occurrence: Occurrence, args: readonly unknown[]): Promise<void> {
    const attempt = await this.#once(job, occurrence, () =>
      this.#runs.attempt(job, occurrence, args),
    ).catch((error: unknown) => this.logger.warn(scheduleMessages.notRun(job.name, error)));
    if (attempt?.failure) {
      throw attempt.failure.error;
    }
  }

  /** Makes an attempt if this worker is the one that should. */
  async #once(
    job: Job,
    occurrence: Occurrence,
    attempt: () => Promise<Attempt>,
  ): Promise<Attempt | undefined> {
    if (job.kind === 'interval') {
      return attempt();
    }
    if (job.onLoss === 'rerun') {
      return this.#unlessDone(job, occurrence, attempt);
    }
    const claim = this.#keys.claim(job, occurrence.id);
    if (!(await this.#claims.make(claim, occurrence.ttl))) {
      return undefined;
    }
    const made = await attempt();
    if (made.outcome === 'left') {
      await this.#handOver(job, occurrence, claim);
    }
    return made;
  }

  /** Waits for the run of another worker, and makes an attempt if that worker dies. */
  async #unlessDone(
    job: Job,
    occurrence: Occurrence,
    attempt: () => Promise<Attempt>,
  ): Promise<Attempt | undefined> {
    const { drainSignal } = this.runtime.lifecycle;
    const running = this.state.map<HandedOver>(JOB_MAPS.running);
    const lock = this.#keys.rerun(job, occurrence.id);
    const done = this.#keys.done(job, occurrence.id);
    let waits = true;
    let made: Attempt | undefined;
    const task = async (): Promise<void> => {
      if (drainSignal.aborted || (await this.#claims.exists(done))) {
        return;
      }
      waits = false;
      // A worker that starts after this one has died finds it.
      await patiently(() => running.set(lock, { name: job.name, occurrence }));
      made = await attempt();
      if (made.outcome !== 'left') {
        await this.#claims.make(done, occurrence.ttl);
        await patiently(() => running.delete(lock));
      }
    };
    const locked = patiently(() => this.state.lock(lock, task, { wait: RERUN_WAIT }));
    await whileWaiting(
      drainSignal,
      () => waits,
      locked.catch((error: unknown) => {
        if (!drainSignal.aborted) {
          throw error;
        }
      }),
    );
    return made;
  }

  /** Joins the queues for runs that workers have begun, because they may have died. */
  async #joinRuns(): Promise<void> {
    const begun = await patiently(() => this.state.map<HandedOver>(JOB_MAPS.running).entries());
    await Promise.all(
      begun.map(async ([, { name, occurrence }]) => {
        const job = this.#jobs.get(name);
        await (job && this.#unattended(job, occurrence));
      }),
    );
  }

  /** Another worker runs it: its timers have fired already, so it must be told. */
  async #handOver(job: Job, occurrence: Occurrence, claim: string): Promise<void> {
    try {
      await this.#claims.giveBack(claim);
      await this.bus.publish(TOPIC, { name: job.name, occurrence }, { self: false });
    } catch (error) {
      this.logger.warn(scheduleMessages.notHandedOver(job.name, error));
    }
  }

  #leader(run: JobPlace): Leader {
    const leader = this.#leaders.get(run) ?? this.state.leader(this.#keys.leader(run));
    this.#leaders.set(run, leader);
    return leader;
  }

  /** The drain waits for it. Whoever has begun it handles its errors. */
  #work(work: Promise<unknown>): void {
    this.runtime.lifecycle.waitUntil(work.catch(() => {}));
  }
}
