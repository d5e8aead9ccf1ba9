import { once } from 'node:events';
import { type Deferred, deferred } from '../system/async/deferred.js';
import type { Runtime } from '../runtime/runtime.js';
import type { Attempt, DueRun, Failure, Runs } from './job.js';
import { JobCalls } from './job-calls.js';
import type { JobRun } from './job.interface.js';

const SKIPPED: Attempt = { outcome: 'skipped' };

/** Nobody else can take over a run of the only process. */
const NEVER = new AbortController().signal;

/**
 * The runs of jobs in the only process: nobody else must be asked, so a job begins in the turn of the event loop in
 * which its timer fires, as without this package. Tests with fake timers rely on that.
 *
 * @internal
 */
export class LocalRuns implements Runs {
  /** The runs that go on, by the names of the jobs: a job may have been deleted and added again. */
  readonly #going = new Map<string, Deferred>();
  /** The names of the jobs for which a run waits: one is enough. */
  readonly #queued = new Set<string>();
  readonly #paused = new Set<string>();
  readonly #lastRuns = new Map<string, JobRun>();
  readonly #calls: JobCalls;
  #token = 0;

  constructor(private readonly runtime: Pick<Runtime, 'lifecycle' | 'worker'>) {
    this.#calls = new JobCalls(runtime, ({ name }, run) => void this.#lastRuns.set(name, run));
  }

  async attempt(due: DueRun): Promise<Attempt> {
    const { job, onEnd } = due;
    if (job.overlap !== 'allow' && this.#going.has(job.name)) {
      return job.overlap === 'queue' ? this.#enqueue(due) : SKIPPED;
    }
    if (this.#paused.has(job.name)) {
      return SKIPPED;
    }
    const end = deferred();
    this.#going.set(job.name, end);
    const hasEnded = (failure?: Failure): void => {
      if (this.#going.get(job.name) === end) {
        this.#going.delete(job.name);
      }
      end.resolve();
      onEnd?.(failure);
    };
    const held = { signal: NEVER, token: ++this.#token };
    return this.#calls.call({ ...due, onEnd: hasEnded }, held);
  }

  async pause(name: string): Promise<void> {
    this.#paused.add(name);
  }

  async resume(name: string): Promise<boolean> {
    return this.#paused.delete(name);
  }

  async paused(): Promise<ReadonlySet<string>> {
    return this.#paused;
  }

  async lastRuns(): Promise<ReadonlyMap<string, JobRun>> {
    return this.#lastRuns;
  }

  async #enqueue(due: DueRun): Promise<Attempt> {
    const { name } = due.job;
    const { drainSignal } = this.runtime.lifecycle;
    if (this.#queued.has(name)) {
      return SKIPPED;
    }
    this.#queued.add(name);
    const waited = new AbortController();
    const drains = drainSignal.aborted || once(drainSignal, 'abort', { signal: waited.signal });
    await Promise.race([this.#going.get(name)?.promise, drains]);
    waited.abort();
    this.#queued.delete(name);
    return drainSignal.aborted ? { outcome: 'left' } : this.attempt(due);
  }
}
