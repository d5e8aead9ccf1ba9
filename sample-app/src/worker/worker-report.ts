import type { WorkerStatus } from 'nestjs-cluster';

/** The question to all workers of all hosts. */
export const WORKER_REPORT = 'worker.report';

/** What a worker answers: what its primary says of it, and what only it can know. */
export interface WorkerReport extends Pick<
  WorkerStatus,
  'state' | 'uptime' | 'restarts' | 'lastExit'
> {
  /** How many requests it has taken. */
  readonly requests: number;
  /** How many bytes of memory it uses. */
  readonly memory: number;
}
