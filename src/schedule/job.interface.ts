/** What starts a job: `@Cron()` or a `CronJob`, `@Interval()`, or `@Timeout()`. @publicApi */
export type JobKind = 'cron' | 'interval' | 'timeout';

/** Where a job runs: in one worker of all hosts, in one worker of each host, or in each worker. @publicApi */
export type JobPlace = 'once' | 'host' | 'each';

/**
 * What happens if a job is due while its last run goes on: nothing, or it runs afterwards, or both run at the same
 * time.
 *
 * @publicApi
 */
export type JobOverlap = 'skip' | 'queue' | 'allow';

/** What happens if a worker dies while it runs a job: nothing, or another worker runs it again. @publicApi */
export type JobLoss = 'skip' | 'rerun';

/** The argument of the method of a job. @publicApi */
export interface JobContext {
  /**
   * Aborts when the run should end: this worker must leave and has no more time, or it was out of touch for so long that
   * another worker may run the job.
   */
  readonly signal: AbortSignal;
  /**
   * The fencing token: a number that grows with each run. A storage that gets it with each write, and refuses lower
   * numbers than it has seen, is safe from a run that another one has replaced.
   */
  readonly token: number;
  /**
   * The time for which a cron job was scheduled, in ms since the epoch: the same in all workers, and in a second run of
   * `onLoss: 'rerun'`. Of other jobs, and with `runNow()`, the time at which they were due.
   */
  readonly scheduledAt: number;
}

/** A run of a job. @publicApi */
export interface JobRun {
  /** When it began, in ms since the epoch. */
  readonly at: number;
  /** The worker that ran it. */
  readonly worker: {
    /** Its slot. */
    readonly slot: number;
    /** Its process id. */
    readonly pid: number;
    /** The name of its host. */
    readonly host: string;
  };
  /** How long it took, in ms. */
  readonly duration: number;
  /** Whether its method resolved. */
  readonly result: 'done' | 'failed';
  /** The message of the error if it failed. */
  readonly error?: string;
}

/** A job as `ClusterSchedule.jobs()` returns it. @publicApi */
export interface JobStatus {
  /** Its name, by which all workers know it: that of its decorator, or else `Module.Class.method`. */
  readonly name: string;
  /** What starts it. */
  readonly kind: JobKind;
  /** Where it runs. */
  readonly run: JobPlace;
  /** Whether it is paused, for all workers. */
  readonly isPaused: boolean;
  /** Its last run that has ended, in any worker. */
  readonly lastRun?: JobRun;
  /** When it is due next, in ms since the epoch. Only of a cron job that is started. */
  readonly nextRun?: number;
}
