import { controlAnswersOf } from '../control/control-answers.js';
import type { Runtime } from '../runtime/runtime.js';
import { oneEach } from '../system/collections/one-each.js';
import type { JobStatus } from './job.interface.js';

/** The jobs of one application. */
interface Schedule {
  jobs(): Promise<readonly JobStatus[]>;
}

/** Returns the schedules of all applications of a process. @internal */
export const openSchedulesOf = oneEach(
  (runtime: Pick<Runtime, 'host'>) => new OpenSchedules(runtime),
);

/**
 * The schedules of all applications of a process: the answer of this process is the jobs of all of them.
 *
 * @internal
 */
export class OpenSchedules {
  readonly #schedules = new Set<Schedule>();

  constructor(runtime: Pick<Runtime, 'host'>) {
    controlAnswersOf(runtime).provide('jobs', () => this.jobs());
  }

  /** @returns a function that removes the schedule */
  add(schedule: Schedule): () => void {
    this.#schedules.add(schedule);
    return () => this.#schedules.delete(schedule);
  }

  /** Returns the jobs of all applications. Several of them may have the same job, as all workers have: it is one job. */
  async jobs(): Promise<JobStatus[]> {
    const found = await Promise.all([...this.#schedules].map(schedule => schedule.jobs()));
    const all = new Map<string, JobStatus>();
    for (const job of found.flat()) {
      if (!all.has(job.name)) {
        all.set(job.name, job);
      }
    }
    return [...all.values()];
  }
}
