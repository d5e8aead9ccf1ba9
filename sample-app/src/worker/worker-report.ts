import type { WorkerStatus } from 'nestjs-cluster';

/** The request to all workers of all hosts. */
export const WORKER_REPORT = 'worker.report';

/** The report of a worker: its status from the primary, and its own values. */
export interface WorkerReport extends Pick<
  WorkerStatus,
  'state' | 'uptime' | 'restarts' | 'lastExit'
> {
  /** The number of requests that it has received. */
  readonly requests: number;
  /** Its memory in bytes. */
  readonly memory: number;
}
