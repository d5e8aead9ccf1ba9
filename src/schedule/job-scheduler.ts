import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import { defineTopic } from '../bus/publish/topic.js';
import type { ClusterBus } from '../bus/cluster-bus.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Leader } from '../state/objects/leader.js';
import type { SharedState } from '../state/shared-state.js';
import { systemClock } from '../system/time/clock.js';
import { Claims } from './claims.js';
import type { Attempt, DueRun, Failure, Job, Occurrence, Runs } from './job.js';
import { JobKeys } from './job-keys.js';
import { ExclusiveRuns } from './exclusive-runs.js';
import { LocalRuns } from './local-runs.js';
import { RerunQueue } from './rerun-queue.js';
import { scheduleMessages } from './schedule.messages.js';

/** More than the clocks of hosts differ, in ms. */
const CLOCK_DIFFERENCE = 2 * 60_000;

/** A release that is older than this many milliseconds runs its timeouts again. */
const RELEASE_TTL = 365 * 24 * 3_600_000;

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
 * - Interval: the leader of this job.
 *
 * Jobs with `onLoss: 'rerun'` have a queue, whose first worker makes the claim. The only process runs every job that is due.
 *
 * @internal
 */
export class JobScheduler {
  readonly #jobs = new Map<string, Job>();
  /** The candidates for the intervals, by the names of the jobs. */
  readonly #leaders = new Map<string, Leader>();
  /** Timeouts of a spare whose time has come: they run when it has a slot. */
  readonly #late = new Map<Job, readonly unknown[]>();
  /** The last occurrence of each job for which a timer of this worker has fired. */
  readonly #fired = new WeakMap<Job, string>();
  readonly #claims: Claims;
  readonly #keys = new JobKeys();
  readonly #runs: Runs;
  readonly #reruns: RerunQueue;

  constructor(
    private readonly state: SharedState,
    private readonly bus: ClusterBus,
    private readonly runtime: Runtime,
    /** What a timeout runs once for. */
    private readonly release: string,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    /** Whether no other process can run these jobs. */
    private readonly isAlone: boolean,
  ) {
    const { lifecycle } = runtime;
    this.#claims = new Claims(state);
    this.#runs = isAlone
      ? new LocalRuns(runtime)
      : new ExclusiveRuns(state, this.#keys, runtime, logger);
    this.#reruns = new RerunQueue(state, this.#keys, lifecycle.drainSignal, logger);
  }

  get jobs(): ReadonlyMap<string, Job> {
    return this.#jobs;
  }

  get runs(): Omit<Runs, 'attempt'> {
    return this.#runs;
  }

  add(job: Job): void {
    this.#jobs.set(job.name, job);
  }

  /** Removes a job whose timer was deleted in this worker. */
  remove(job: Job): void {
    if (this.#jobs.get(job.name) !== job) {
      return;
    }
    this.#jobs.delete(job.name);
    this.#late.delete(job);
    // The timer of another worker triggers the job.
    void this.#leaders.get(job.name)?.resign();
    this.#leaders.delete(job.name);
  }

  /** Begins. A spare has no part in anything until it has a slot. */
  async begin(): Promise<void> {
    if (this.isAlone) {
      return;
    }
    await this.bus.subscribe(TOPIC, ({ name, occurrence }) => {
      const job = this.#jobs.get(name);
      if (job && this.#mayRun) {
        this.#work(this.#unattended(job, occurrence));
      }
    });
    this.runtime.standby.oncePlaced(() => {
      for (const job of this.#jobs.values()) {
        if (job.kind === 'interval' && job.run !== 'each') {
          this.#leader(job);
        }
      }
      this.#work(this.#joinBegunRuns());
      this.#late.forEach((args, job) => void this.fire(job, args)?.catch(() => {}));
      this.#late.clear();
    });
  }

  /**
   * A timer has fired.
   *
   * @returns a promise that rejects with the error of the job, or nothing if the job does not run
   * @throws the error of the job, if it has failed in this turn of the event loop
   */
  fire(job: Job, args: readonly unknown[]): Promise<void> | undefined {
    if (job.kind === 'timeout' && this.runtime.standby.waits) {
      this.#late.set(job, args);
      return undefined;
    }
    const occurrence = this.#mayRun ? this.#occurrence(job) : undefined;
    if (!occurrence || this.#noteFired(job, occurrence)) {
      return undefined;
    }
    let failedAtOnce: Failure | undefined;
    const onEnd = (failure?: Failure): void => void (failedAtOnce = failure);
    const run = this.#due({ job, occurrence, args, onEnd });
    this.#work(run);
    if (failedAtOnce) {
      throw failedAtOnce.error;
    }
    return run;
  }

  /**
   * Runs a job now.
   *
   * @returns whether it ran
   * @throws the error of the job
   */
  async runNow(job: Job): Promise<boolean> {
    const occurrence = { id: randomUUID(), at: systemClock.wallTime(), ttl: CLOCK_DIFFERENCE };
    const run = this.#runs.attempt({ job, occurrence, args: [] });
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
      return { id: this.release, at: now, ttl: RELEASE_TTL };
    }
    if (job.kind === 'interval') {
      const isHere = this.isAlone || job.run === 'each' || this.#leader(job).isLeader;
      return isHere ? { id: randomUUID(), at: now, ttl: CLOCK_DIFFERENCE } : undefined;
    }
    const cron = job.cron();
    const tick = cron && job.instants.tick(cron.cronTime, now);
    const ttl = Math.max(0, (tick?.next ?? 0) - now) + CLOCK_DIFFERENCE;
    return tick && { id: String(tick.at), at: tick.at, ttl };
  }

  /**
   * Notes that a timer has fired for an occurrence. In an hour that clocks repeat, `cron` may fire without a pause. The only
   * process runs jobs as without this package.
   *
   * @returns whether one has fired for it before, so that it must not run again
   */
  #noteFired(job: Job, { id }: Occurrence): boolean {
    const hasFired = this.#fired.get(job) === id;
    this.#fired.set(job, id);
    return hasFired && !this.isAlone;
  }

  /** Runs an occurrence that no timer of this worker waits for. */
  async #unattended(job: Job, occurrence: Occurrence): Promise<void> {
    await this.#due({ job, occurrence, args: [] }).catch((error: unknown) =>
      this.logger.error(error),
    );
  }

  /**
   * Runs an occurrence unless another worker does.
   *
   * @throws the error of the job
   */
  async #due(due: DueRun): Promise<void> {
    const attempt = await this.#once(due, takesOver => this.#runs.attempt(due, takesOver)).catch(
      (error: unknown) => this.logger.warn(scheduleMessages.notRun(due.job.name, error)),
    );
    if (attempt?.failure) {
      throw attempt.failure.error;
    }
  }

  /** Makes an attempt if this worker is the one that should. */
  async #once(
    { job, occurrence }: DueRun,
    attempt: (takesOver: boolean) => Promise<Attempt>,
  ): Promise<Attempt | undefined> {
    if (this.isAlone || job.kind === 'interval' || job.run === 'each') {
      return attempt(false);
    }
    if (job.onLoss === 'rerun') {
      return this.#reruns.join(job, occurrence, attempt);
    }
    const claim = this.#keys.claim(job, occurrence.id);
    if (!(await this.#claims.make(claim, occurrence.ttl))) {
      return undefined;
    }
    const made = await attempt(false);
    if (made.outcome === 'left' && !made.failure) {
      await this.#handOver(job, occurrence, claim);
    }
    return made;
  }

  /** Joins the queues for runs that workers have begun, because they may have been lost. */
  async #joinBegunRuns(): Promise<void> {
    try {
      const begun = await this.#reruns.begun(this.#jobs);
      await Promise.all(begun.map(([job, occurrence]) => this.#unattended(job, occurrence)));
    } catch (error) {
      this.logger.warn(scheduleMessages.notJoined(error));
    }
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

  #leader(job: Job): Leader {
    const leader = this.#leaders.get(job.name) ?? this.state.leader(this.#keys.leader(job));
    this.#leaders.set(job.name, leader);
    return leader;
  }

  /** The drain waits for it. Whoever has begun it handles its errors. */
  #work(work: Promise<unknown>): void {
    this.runtime.lifecycle.waitUntil(work.catch(() => {}));
  }
}
