import type { Logger } from '@nestjs/common';
import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import type { Runtime } from '../runtime/runtime.js';
import type { HeldLock } from '../state/objects/lock.interface.js';
import type { SharedState } from '../state/shared-state.js';
import type { Attempt, DueRun, Job, Runs } from './job.js';
import { JobCalls } from './job-calls.js';
import { JOB_MAPS, type JobKeys } from './job-keys.js';
import type { JobRun } from './job.interface.js';
import { patiently } from './patiently.js';
import { scheduleMessages } from './schedule.messages.js';

/** The longest that a run waits for another one, in ms. @internal */
export const LONGEST_WAIT = 24 * 3_600_000;

/**
 * Milliseconds after which a run counts as lost if its worker is out of touch. The run of a worker that dies counts as
 * lost at once, unless its primary dies with it.
 *
 * @internal
 */
export const RUN_LEASE = 30_000;

/** Milliseconds for which the last run of a job is known. */
const RECORD_TTL = 90 * 24 * 3_600_000;

/**
 * Runs jobs that are due, with at most one run at a time unless they may overlap, and records the runs.
 *
 * @internal
 */
export class ExclusiveRuns implements Runs {
  readonly #calls: JobCalls;
  /** The names of the jobs for which a run waits in this worker: one is enough. */
  readonly #queued = new Set<string>();

  constructor(
    private readonly state: SharedState,
    private readonly keys: JobKeys,
    private readonly runtime: Pick<Runtime, 'lifecycle' | 'worker'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.#calls = new JobCalls(runtime, (job, run) => this.#record(job, run));
  }

  async attempt(due: DueRun, takesOver = false): Promise<Attempt> {
    const { job } = due;
    const attempt = await this.#attempt(due, takesOver);
    const isToWait = job.overlap === 'queue' && attempt.outcome === 'skipped';
    if (!isToWait || this.#queued.has(job.name)) {
      return attempt;
    }
    this.#queued.add(job.name);
    let waits = true;
    const begin = (): void => {
      if (waits) {
        waits = false;
        this.#queued.delete(job.name);
      }
    };
    return this.#attempt(due, true, begin).finally(begin);
  }

  /** @param waits whether it waits for a run that goes on */
  async #attempt(due: DueRun, waits: boolean, onBegin?: () => void): Promise<Attempt> {
    const { job, occurrence } = due;
    const { drainSignal } = this.runtime.lifecycle;
    const lock =
      job.overlap === 'allow' ? this.keys.occurrence(job, occurrence.id) : this.keys.running(job);
    let attempt: Attempt | undefined;
    const task = async (held: HeldLock): Promise<void> => {
      onBegin?.();
      attempt = { outcome: 'skipped' };
      if (!(await patiently(() => this.#isPaused(job)))) {
        attempt = await this.#calls.call(due, held);
      }
    };
    const options = waits
      ? { wait: LONGEST_WAIT, lease: RUN_LEASE, signal: drainSignal }
      : { wait: 0, lease: RUN_LEASE };
    try {
      await patiently(() => this.state.lock(lock, task, options));
    } catch (error) {
      if (error instanceof LockTimeoutError) {
        attempt ??= { outcome: 'skipped' };
      } else if (!drainSignal.aborted) {
        throw error;
      }
    }
    return attempt ?? { outcome: 'left' };
  }

  async pause(name: string): Promise<void> {
    await this.state.map(JOB_MAPS.paused).set(name, true);
  }

  async resume(name: string): Promise<boolean> {
    return this.state.map(JOB_MAPS.paused).delete(name);
  }

  async paused(): Promise<ReadonlySet<string>> {
    const entries = await this.state.map(JOB_MAPS.paused).entries();
    return new Set(entries.map(([name]) => name));
  }

  async lastRuns(): Promise<ReadonlyMap<string, JobRun>> {
    return new Map(await this.state.map<JobRun>(JOB_MAPS.runs).entries());
  }

  async #record(job: Job, run: JobRun): Promise<void> {
    await this.state
      .map<JobRun>(JOB_MAPS.runs)
      .set(job.name, run, { ttl: RECORD_TTL })
      .catch((error: unknown) => this.logger.warn(scheduleMessages.notRecorded(job.name, error)));
  }

  async #isPaused({ name }: Job): Promise<boolean> {
    return this.state.map(JOB_MAPS.paused).has(name);
  }
}
