import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Logger } from '@nestjs/common';
import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import { type JobRunActivity, jobRuns } from '../model/events/activity-channels.js';
import type { Lifecycle } from '../runtime/lifecycle.js';
import type { Runtime } from '../runtime/runtime.js';
import type { HeldLock } from '../state/objects/lock.interface.js';
import type { SharedState } from '../state/shared-state.js';
import { systemClock } from '../system/time/clock.js';
import { printableError } from '../system/text/printable.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { Job, Occurrence } from './job.js';
import type { JobContext, JobRun } from './job.interface.js';
import { JOB_MAPS, type JobKeys } from './job-keys.js';
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

/** The share of the time for requests after which the signals of runs abort: they need time to end. */
const SIGNAL_SHARE = 0.75;

/** Milliseconds for which the last run of a job is known. */
const RECORD_TTL = 90 * 24 * 3_600_000;

/** How an attempt to run a job ended. @internal */
export interface Attempt {
  /**
   * `'skipped'`: the job is paused, or another run goes on. `'left'`: this worker drains, and the job has not run or was
   * told to end.
   */
  readonly outcome: 'ran' | 'skipped' | 'left';
  /** The error of the job. */
  readonly failure?: { readonly error: unknown };
}

/**
 * Runs jobs that are due, with at most one run at a time unless they may overlap, and records the runs.
 *
 * @internal
 */
export class JobRuns {
  readonly #lifecycle: Lifecycle;
  /** The jobs for which a run waits in this worker: one is enough. */
  readonly #queued = new Set<Job>();

  constructor(
    private readonly state: SharedState,
    private readonly keys: JobKeys,
    private readonly runtime: Pick<Runtime, 'lifecycle' | 'worker'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.#lifecycle = runtime.lifecycle;
  }

  /**
   * Runs a job, unless it is paused, or must not overlap with a run that goes on.
   *
   * @param takesOver whether another worker has begun this run and was lost: the lock of that worker may still be there,
   *   so this one waits
   * @throws ClusterError if the backend is away for longer than a minute
   */
  async attempt(
    job: Job,
    occurrence: Occurrence,
    args: readonly unknown[],
    takesOver = false,
  ): Promise<Attempt> {
    const attempt = await this.#attempt(job, occurrence, args, takesOver);
    const isToWait = job.overlap === 'queue' && attempt.outcome === 'skipped';
    if (!isToWait || this.#queued.has(job)) {
      return attempt;
    }
    this.#queued.add(job);
    let waits = true;
    const begin = (): void => {
      if (waits) {
        waits = false;
        this.#queued.delete(job);
      }
    };
    return this.#attempt(job, occurrence, args, true, begin).finally(begin);
  }

  async #attempt(
    job: Job,
    occurrence: Occurrence,
    args: readonly unknown[],
    waits: boolean,
    onBegin = (): void => {},
  ): Promise<Attempt> {
    const { drainSignal } = this.#lifecycle;
    const lock =
      job.overlap === 'allow' ? this.keys.occurrence(job, occurrence.id) : this.keys.running(job);
    let attempt: Attempt | undefined;
    const task = async (held: HeldLock): Promise<void> => {
      onBegin();
      attempt = { outcome: 'skipped' };
      if (!(await patiently(() => this.#isPaused(job)))) {
        attempt = await this.#run(job, occurrence, held, args);
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

  async #isPaused({ name }: Job): Promise<boolean> {
    return this.state.map(JOB_MAPS.paused).has(name);
  }

  async #run(
    job: Job,
    { at: scheduledAt }: Occurrence,
    held: HeldLock,
    args: readonly unknown[],
  ): Promise<Attempt> {
    const at = systemClock.wallTime();
    const startedAt = monotonicNow();
    const end = this.#endOfTime(job);
    const context: JobContext = {
      signal: AbortSignal.any([held.signal, end.signal]),
      token: held.token,
      scheduledAt,
    };
    setMaxListeners(0, context.signal);
    let failure: Attempt['failure'];
    try {
      await job.call(context, args);
    } catch (error) {
      failure = { error };
    }
    end.cancel();
    jobRuns.publish({
      job: job.name,
      result: failure ? 'failed' : 'done',
    } satisfies JobRunActivity);
    const { slot, pid } = this.runtime.worker;
    await this.#record(job, {
      at,
      worker: { slot, pid, host: hostname() },
      duration: Math.round(monotonicNow() - startedAt),
      ...(failure
        ? { result: 'failed', error: printableError(failure.error) }
        : { result: 'done' }),
    });
    return failure
      ? { outcome: context.signal.aborted ? 'left' : 'ran', failure }
      : { outcome: 'ran' };
  }

  /** A signal that aborts when this worker drains and has little time left. */
  #endOfTime(job: Job): { readonly signal: AbortSignal; readonly cancel: () => void } {
    const controller = new AbortController();
    const { drainSignal } = this.#lifecycle;
    let timer: NodeJS.Timeout | undefined;
    const onDrain = (): void => {
      const reason = new DOMException(scheduleMessages.outOfTime(job.name), 'AbortError');
      const left = (this.#lifecycle.timeLeft ?? 0) * SIGNAL_SHARE;
      timer = setTimeout(() => controller.abort(reason), left);
    };
    if (drainSignal.aborted) {
      onDrain();
    } else {
      drainSignal.addEventListener('abort', onDrain, { once: true });
    }
    const cancel = (): void => {
      clearTimeout(timer);
      drainSignal.removeEventListener('abort', onDrain);
    };
    return { signal: controller.signal, cancel };
  }

  async #record(job: Job, run: JobRun): Promise<void> {
    await this.state
      .map<JobRun>(JOB_MAPS.runs)
      .set(job.name, run, { ttl: RECORD_TTL })
      .catch((error: unknown) => this.logger.warn(scheduleMessages.notRecorded(job.name, error)));
  }
}
