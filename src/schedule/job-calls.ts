import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import { type JobRunActivity, jobRuns } from '../model/events/activity-channels.js';
import type { Lifecycle } from '../runtime/lifecycle.js';
import type { Runtime } from '../runtime/runtime.js';
import type { HeldLock } from '../state/objects/lock.interface.js';
import { isThenable } from '../system/async/is-thenable.js';
import { systemClock } from '../system/time/clock.js';
import { printableError } from '../system/text/printable.js';
import { monotonicNow } from '../system/time/monotonic-now.js';
import type { Attempt, DueRun, Failure, Job } from './job.js';
import type { JobContext, JobRun } from './job.interface.js';
import { scheduleMessages } from './schedule.messages.js';

/** The share of the time for requests after which the signals of runs abort: they need time to end. */
const SIGNAL_SHARE = 0.75;

/**
 * Calls the methods of jobs, and records the runs.
 *
 * @internal
 */
export class JobCalls {
  readonly #lifecycle: Lifecycle;

  constructor(
    private readonly runtime: Pick<Runtime, 'lifecycle' | 'worker'>,
    private readonly record: (job: Job, run: JobRun) => Promise<void> | void,
  ) {
    this.#lifecycle = runtime.lifecycle;
  }

  /** Calls the job, in this turn of the event loop. */
  async call(
    { job, occurrence, args, onEnd }: DueRun,
    held: Pick<HeldLock, 'signal' | 'token'>,
  ): Promise<Attempt> {
    const at = systemClock.wallTime();
    const startedAt = monotonicNow();
    const end = this.#endOfTime(job);
    const context: JobContext = {
      signal: AbortSignal.any([held.signal, end.signal]),
      token: held.token,
      scheduledAt: occurrence.at,
    };
    setMaxListeners(0, context.signal);
    let failure: Failure | undefined;
    try {
      const result = job.call(context, args);
      if (isThenable(result)) {
        await result;
      }
    } catch (error) {
      failure = { error };
    }
    onEnd?.(failure);
    end.cancel();
    jobRuns.publish({
      job: job.name,
      result: failure ? 'failed' : 'done',
    } satisfies JobRunActivity);
    const { slot, pid } = this.runtime.worker;
    await this.record(job, {
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
}
