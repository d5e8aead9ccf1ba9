/**
 * Runs the jobs of `@nestjs/schedule` once, whatever the number of workers and hosts.
 *
 * @packageDocumentation
 */
export { ClusterScheduleModule } from './cluster-schedule.module.js';
export { ClusterSchedule } from './cluster-schedule.js';
export { ClusterJob } from './cluster-job.decorator.js';
export type { ClusterJobOptions } from './cluster-job.decorator.js';
export type {
  JobContext,
  JobKind,
  JobOverlap,
  JobLoss,
  JobPlace,
  JobRun,
  JobStatus,
} from './job.interface.js';
