import { randomUUID } from 'node:crypto';
import type { Logger } from '@nestjs/common';
import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import type { SharedState } from '../state/shared-state.js';
import { Claims } from './claims.js';
import { JOB_MAPS, type JobKeys } from './job-keys.js';
import type { Attempt, Job, Occurrence } from './job.js';
import { LONGEST_WAIT, RUN_LEASE } from './exclusive-runs.js';
import { patiently } from './patiently.js';
import { scheduleMessages } from './schedule.messages.js';

/** A run that a worker has begun. It is removed when the run has ended. @internal */
export interface BegunRun {
  readonly name: string;
  readonly occurrence: Occurrence;
  /** How many workers have begun it. */
  readonly attempts: number;
}

/** A job may end its worker, for example because it needs too much memory. */
const MAX_ATTEMPTS = 3;

/** The beginning of the ids of claims that the queue makes. */
const QUEUE = 'rerun:';

/**
 * The runs of jobs with `onLoss: 'rerun'`: all workers queue for the lock of a run. The next one in the queue runs it,
 * unless the holder has left a sign that it was done.
 *
 * @internal
 */
export class RerunQueue {
  readonly #claims: Claims;

  constructor(
    private readonly state: SharedState,
    private readonly keys: JobKeys,
    private readonly drainSignal: AbortSignal,
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
  ) {
    this.#claims = new Claims(state);
  }

  /**
   * Waits for the run of another worker, and makes an attempt if that worker is lost.
   *
   * @param attempt gets whether another worker has begun the run before
   * @returns `undefined` if another worker has run it
   */
  async join(
    job: Job,
    occurrence: Occurrence,
    attempt: (takesOver: boolean) => Promise<Attempt>,
  ): Promise<Attempt | undefined> {
    const lock = this.keys.rerun(job, occurrence.id);
    let made: Attempt | undefined;
    const task = async (): Promise<void> => {
      made = await this.#unlessDone(job, occurrence, attempt);
    };
    const options = { wait: LONGEST_WAIT, lease: RUN_LEASE, signal: this.drainSignal };
    try {
      await patiently(() => this.state.lock(lock, task, options));
    } catch (error) {
      if (!this.drainSignal.aborted && !(error instanceof LockTimeoutError)) {
        throw error;
      }
    }
    return made;
  }

  /** The runs that workers have begun, and may have lost. */
  async begun(jobs: ReadonlyMap<string, Job>): Promise<[job: Job, occurrence: Occurrence][]> {
    const runs = await patiently(() => this.#running.entries());
    return runs.flatMap(([key, { name, occurrence }]) => {
      const job = jobs.get(name);
      // Other hosts have keys of their own.
      return job?.onLoss === 'rerun' && this.keys.rerun(job, occurrence.id) === key
        ? [[job, occurrence] as [Job, Occurrence]]
        : [];
    });
  }

  get #running() {
    return this.state.map<BegunRun>(JOB_MAPS.running);
  }

  async #unlessDone(
    job: Job,
    occurrence: Occurrence,
    attempt: (takesOver: boolean) => Promise<Attempt>,
  ): Promise<Attempt | undefined> {
    const key = this.keys.rerun(job, occurrence.id);
    const { name } = job;
    if (await this.#claims.exists(this.keys.done(job, occurrence.id))) {
      await patiently(() => this.#running.delete(key));
      return undefined;
    }
    const { attempts = 0 } = (await patiently(() => this.#running.get(key))) ?? {};
    if (attempts >= MAX_ATTEMPTS) {
      this.logger.error(scheduleMessages.givenUp(name, attempts));
      await this.#done(job, occurrence);
      return undefined;
    }
    const record = { name, occurrence, attempts: attempts + 1 };
    await patiently(() => this.#running.set(key, record, { ttl: occurrence.ttl }));
    if (!(await this.#claim(job, occurrence))) {
      await patiently(() => this.#running.delete(key));
      return undefined;
    }
    const made = await attempt(attempts > 0);
    await (
      made.outcome === 'left'
        ? // A worker that drains was not lost by the job.
          this.#running.set(
            key,
            { ...record, attempts: Math.max(1, attempts) },
            { ttl: occurrence.ttl },
          )
        : this.#done(job, occurrence)
    ).catch((error: unknown) => this.logger.warn(scheduleMessages.notRecorded(name, error)));
    return made;
  }

  /**
   * Claims a run for the queue: releases in which the job has `onLoss: 'skip'` know it by its claim only.
   *
   * @returns whether the queue has it; not if a worker of such a release has
   */
  async #claim(job: Job, { id, ttl }: Occurrence): Promise<boolean> {
    const key = this.keys.claim(job, id);
    return (
      (await this.#claims.make(key, ttl, QUEUE + randomUUID())) ||
      (await this.#claims.idOf(key))?.startsWith(QUEUE) === true
    );
  }

  async #done(job: Job, occurrence: Occurrence): Promise<void> {
    await this.#claims.make(this.keys.done(job, occurrence.id), occurrence.ttl);
    await patiently(() => this.#running.delete(this.keys.rerun(job, occurrence.id)));
  }
}
