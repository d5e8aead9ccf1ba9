import { setTimeout as delay } from 'node:timers/promises';
import { type Job, Queue } from 'bullmq';
import { eventually } from '../eventually.js';

export interface JobLoadOptions {
  readonly queue: string;
  /** The port of the Redis server. */
  readonly port: number;
  /** Adds jobs until it is stopped, and at least so many. */
  readonly atLeast: number;
  /** A job takes less than this time in milliseconds. */
  readonly ms: number;
}

/** The jobs that wait at any time. */
const WAITING = 20;

/** Milliseconds after which jobs that have not ended are lost. A stalled job is found after 30 seconds. */
const PATIENCE = 60_000;

/** Adds jobs to a queue of BullMQ all the time, so that there are always some that wait. */
export class JobLoad {
  readonly #queue: Queue;
  readonly #jobs: Job[] = [];
  readonly #running: Promise<void>;
  #isStopped = false;

  constructor(private readonly options: JobLoadOptions) {
    const { queue, port } = options;
    this.#queue = new Queue(queue, { connection: { host: '127.0.0.1', port } });
    this.#running = this.#add();
  }

  /**
   * Resolves when all jobs have ended.
   *
   * @returns how many jobs were completed with one attempt, and descriptions of the others
   */
  async stop(): Promise<{ completed: number; others: string[] }> {
    this.#isStopped = true;
    await this.#running;
    const isDone = async (): Promise<boolean> => (await this.#unfinished()) === 0;
    await eventually(isDone, PATIENCE, () => 'Not all jobs have ended.').catch(() => {});
    const states = await Promise.all(this.#jobs.map(async ({ id }) => this.#describe(id!)));
    await this.#queue.close();
    const others = states.filter(state => state !== 'completed');
    return { completed: states.length - others.length, others };
  }

  async #add(): Promise<void> {
    const { atLeast, ms } = this.options;
    while (!this.#isStopped || this.#jobs.length < atLeast) {
      const missing = WAITING - (await this.#queue.getWaitingCount());
      const added = Array.from({ length: Math.max(0, missing) }, (_, n) => ({
        name: 'task',
        data: { ms: (this.#jobs.length + n) % ms },
      }));
      this.#jobs.push(...(await this.#queue.addBulk(added)));
      await delay(10);
    }
  }

  async #unfinished(): Promise<number> {
    const { active = 0, waiting = 0 } = await this.#queue.getJobCounts('active', 'waiting');
    return active + waiting;
  }

  async #describe(id: string): Promise<string> {
    const job = await this.#queue.getJob(id);
    const state = (await job?.getState()) ?? 'missing';
    const isFirst = job?.attemptsStarted === 1 && job.attemptsMade === 1;
    return isFirst && state === 'completed'
      ? state
      : `${id}: ${state}, ${job?.attemptsStarted} attempts, ${job?.failedReason}`;
  }
}
