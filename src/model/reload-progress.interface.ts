import type { WorkerFailure } from './errors/worker-failure.interface.js';

/** The reload in progress, or the last one. @internal */
export interface ReloadProgress {
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** `canary`: the first replacement boots. `soak`: it is being observed. `rolling`: the others follow. */
  readonly phase: 'canary' | 'soak' | 'rolling' | 'done' | 'failed' | 'stopped';
  /** Slots whose worker is ready in the new generation. */
  readonly replaced: number;
  readonly wanted: number;
  /** Milliseconds, when it is over. */
  readonly duration?: number;
  /** Why it failed. */
  readonly error?: string;
  /** The worker that failed. */
  readonly worker?: WorkerFailure;
}
