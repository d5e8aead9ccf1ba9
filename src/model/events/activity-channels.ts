import { channel } from 'node:diagnostics_channel';

/** A call on the shared state that has settled. @internal */
export interface StateCallActivity {
  readonly operation: string;
  /** `unavailable`: not applied, because the backend did not answer. `ambiguous`: perhaps applied. */
  readonly outcome: 'ok' | 'refused' | 'unavailable' | 'ambiguous';
  /** Milliseconds. */
  readonly duration: number;
}

/** A run of a job that has ended. @internal */
export interface JobRunActivity {
  readonly job: string;
  readonly result: 'done' | 'failed';
}

/** Publishes the calls on the shared state of this process, for metrics. @internal */
export const stateCalls = channel('nestjs-cluster:state-call');

/** Publishes the runs of jobs in this process, for metrics. @internal */
export const jobRuns = channel('nestjs-cluster:job-run');
