import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { HOST_VARIABLE } from '../model/internal-variables.js';
import type { Job } from './job.js';

const PREFIX = '$nestjs-cluster.schedule';

/** The maps of all jobs in the state. @internal */
export const JOB_MAPS = {
  runs: `${PREFIX}.runs`,
  paused: `${PREFIX}.paused`,
  running: `${PREFIX}.running`,
} as const;

/** Names the keys of jobs: jobs that run on each host, or in each worker, have keys of their own there. @internal */
export class JobKeys {
  readonly #scopes: Record<Job['run'], string>;

  constructor() {
    // Process ids are used again, and in containers all the same.
    const host = `@${hostname()}:${process.env[HOST_VARIABLE] ?? randomUUID()}`;
    this.#scopes = { once: '', host, each: `@${randomUUID()}` };
  }

  /** Who has claimed an occurrence. */
  claim(job: Job, occurrence: string): string {
    return `${PREFIX}:claim:${this.#of(job)}:${occurrence}`;
  }

  /** Whether an occurrence has been run to its end. */
  done(job: Job, occurrence: string): string {
    return `${PREFIX}:done:${this.#of(job)}:${occurrence}`;
  }

  /** The lock of an occurrence that is run again if its worker dies. */
  rerun(job: Job, occurrence: string): string {
    return `${PREFIX}:rerun:${this.#of(job)}:${occurrence}`;
  }

  /** The lock of one occurrence of a job whose runs may overlap. */
  occurrence(job: Job, occurrence: string): string {
    return `${PREFIX}:occurrence:${this.#of(job)}:${occurrence}`;
  }

  /** The lock of all runs of a job. */
  running(job: Job): string {
    return `${PREFIX}:job:${this.#of(job)}`;
  }

  /**
   * The election of the worker whose timer triggers an interval. Each interval has its own: another application with the
   * same namespace, or another release, may not have this job, and its worker could not run it.
   */
  leader(job: Job): string {
    return `${PREFIX}:interval:${this.#of(job)}`;
  }

  #of({ name, run }: Job): string {
    return `${name}${this.#scopes[run]}`;
  }
}
