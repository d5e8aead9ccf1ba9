import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Logger } from '@nestjs/common';
import { LockTimeoutError } from '../model/errors/lock-timeout.error.js';
import type { Lifecycle } from '../runtime/lifecycle.js';
import type { Runtime } from '../runtime/runtime.js';
import type { HeldLock } from '../state/objects/lock.interface.js';
import type { SharedState } from '../state/shared-state.js';
import { systemClock } from '../system/time/clock.js';
import { printableError } from '../system/text/printable.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import { patiently } from './claims.js';
import type { Job, Occurrence } from './job.js';
import type { JobContext, JobRun } from './job.interface.js';
import { JOB_MAPS, type JobKeys } from './job-keys.js';
import { scheduleMessages } from './schedule.messages.js';
import { whileWaiting } from './while-waiting.js';

/** The longest that a run waits for the last one, in ms. */
const QUEUE_WAIT = 24 * 3_600_000;

/** How an attempt to run a job ended. @internal */
export interface Attempt {
  /** `'skipped'`: the job is paused, or another run goes on. `'left'`: this worker drains. */
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
  readonly #worker: JobRun['worker'];

  constructor(
    private readonly state: SharedState,
    private readonly keys: JobKeys,
    { lifecycle, worker }: Pick<Runtime, 'lifecycle' | 'worker'>,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {
    this.#lifecycle = lifecycle;
    this.#worker = { slot: worker.slot, pid: worker.pid, host: hostname() };
  }

  /**
   * Runs a job, unless it is paused, or must not overlap with a run that goes on.
   *
   * @throws ClusterError if the backend is away for longer than a minute
   */
  async attempt(job: Job, occurrence: Occurrence, args: readonly unknown[]): Promise<Attempt> {
    const { drainSignal } = this.#lifecycle;
    const lock =
      job.overlap === 'allow' ? this.keys.occurrence(job, occurrence.id) : this.keys.running(job);
    const wait = job.overlap === 'queue' ? QUEUE_WAIT : 0;
    let attempt: Attempt | undefined;
    const task = async (held: HeldLock): Promise<void> => {
      // A run that had to wait is left to another worker.
      if (wait > 0 && drainSignal.aborted) {
        return;
      }
      attempt = { outcome: 'skipped' };
      if (!(await patiently(() => this.isPaused(job)))) {
        attempt = {
          outcome: 'ran',
          ...(await this.#run(
            job,
            { token: held.token, scheduledAt: occurrence.at },
            held.signal,
            args,
          )),
        };
      }
    };
    const locked = patiently(() => this.state.lock(lock, task, { wait })).catch(
      (error: unknown) => {
        if (error instanceof LockTimeoutError) {
          attempt ??= { outcome: 'skipped' };
        } else if (!drainSignal.aborted) {
          throw error;
        }
      },
    );
    await whileWaiting(drainSignal, () => attempt === undefined, locked);
    return attempt ?? { outcome: 'left' };
  }

  /** Whether a job is paused, for all workers. */
  async isPaused({ name }: Pick<Job, 'name'>): Promise<boolean> {
    return this.state.map(JOB_MAPS.paused).has(name);
  }

  async #run(
    job: Job,
    context: Omit<JobContext, 'signal'>,
    lost: AbortSignal,
    args: readonly unknown[],
  ): Promise<Pick<Attempt, 'failure'>> {
    const at = systemClock.wallTime();
    const startedAt = monotonicNow();
    const end = this.#endOfTime(job);
    const signal = AbortSignal.any([lost, end.signal]);
    setMaxListeners(0, signal);
    let failure: Attempt['failure'];
    try {
      await job.call({ ...context, signal }, args);
    } catch (error) {
      failure = { error };
    }
    end.cancel();
    await this.#record(job, {
      at,
      worker: this.#worker,
      duration: Math.round(monotonicNow() - startedAt),
      ...(failure
        ? { result: 'failed', error: printableError(failure.error) }
        : { result: 'done' }),
    });
    return failure ? { failure } : {};
  }

  /** A signal that aborts when this worker drains and has no more time for requests and jobs. */
  #endOfTime(job: Job): { readonly signal: AbortSignal; readonly cancel: () => void } {
    const controller = new AbortController();
    const { drainSignal } = this.#lifecycle;
    let timer: NodeJS.Timeout | undefined;
    const onDrain = (): void => {
      const reason = new DOMException(scheduleMessages.outOfTime(job.name), 'AbortError');
      timer = setTimeout(() => controller.abort(reason), this.#lifecycle.timeLeft ?? 0);
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
      .set(job.name, run)
      .catch((error: unknown) => this.logger.warn(scheduleMessages.notRecorded(job.name, error)));
  }
}
