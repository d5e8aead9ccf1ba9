import type { ClusterJobOptions } from './cluster-job.decorator.js';
import type { CronInstants } from './cron-instants.js';
import type { CronJobLike, FoundJob } from './schedule-hook.js';
import type { JobKind, JobLoss, JobOverlap, JobPlace } from './job.interface.js';

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

/** The options of a job with their defaults. @internal */
export function jobDefaults({
  run = 'once',
  overlap = 'skip',
  onLoss = 'skip',
}: ClusterJobOptions): Pick<Job, 'run' | 'overlap' | 'onLoss'> {
  return { run, overlap, onLoss };
}
