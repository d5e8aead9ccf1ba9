import type { ClusterJobOptions } from './cluster-job.decorator.js';
import type { CronInstants } from './cron-instants.js';
import type { CronJobLike, FoundJob } from './schedule-hook.js';
import type { JobKind, JobLoss, JobRun, JobOverlap, JobPlace } from './job.interface.js';

/** A job of this worker. @internal */
export interface Job {
  readonly name: string;
  readonly kind: JobKind;
  readonly run: JobPlace;
  readonly overlap: JobOverlap;
  readonly onLoss: JobLoss;
  /** The `CronJob` of a cron job, once it exists. */
  readonly cron: () => CronJobLike | undefined;
  readonly instants: CronInstants;
  readonly call: FoundJob['call'];
}

/** One run that is due: all workers know it by the same name. @internal */
export interface Occurrence {
  readonly id: string;
  /** When it is due, in ms since the epoch. */
  readonly at: number;
  /** Milliseconds for which it must not be run again. */
  readonly ttl: number;
}

/** The error of a job. @internal */
export interface Failure {
  readonly error: unknown;
}

/** A run of a job that is due in this worker. @internal */
export interface DueRun {
  readonly job: Job;
  readonly occurrence: Occurrence;
  /** What the timer passes to the job. */
  readonly args: readonly unknown[];
  /**
   * Called when the job has ended, before its run is recorded; in the same turn of the event loop if nobody else must be
   * asked and the job returns no promise.
   */
  readonly onEnd?: (failure?: Failure) => void;
}

/** How an attempt to run a job ended. @internal */
export interface Attempt {
  /**
   * `'skipped'`: the job is paused, or another run goes on. `'left'`: this worker drains, and the job has not run or was
   * told to end.
   */
  readonly outcome: 'ran' | 'skipped' | 'left';
  readonly failure?: Failure;
}

/** The runs of jobs that are due: at most one at a time, unless they may overlap. @internal */
export interface Runs {
  /**
   * Runs a job, unless it is paused, or must not overlap with a run that goes on.
   *
   * @param takesOver whether another worker has begun this run and was lost: the lock of that worker may still be there,
   *   so this one waits
   * @throws ClusterError if the backend is unavailable for longer than a minute
   */
  attempt(due: DueRun, takesOver?: boolean): Promise<Attempt>;
  pause(name: string): Promise<void>;
  /** @returns whether it was paused */
  resume(name: string): Promise<boolean>;
  paused(): Promise<ReadonlySet<string>>;
  /** The last runs, by the name of the job. */
  lastRuns(): Promise<ReadonlyMap<string, JobRun>>;
}

/** The options of a job with their defaults. @internal */
export function jobDefaults({
  run = 'once',
  overlap = 'skip',
  onLoss = 'skip',
}: ClusterJobOptions): Pick<Job, 'run' | 'overlap' | 'onLoss'> {
  return { run, overlap, onLoss };
}
