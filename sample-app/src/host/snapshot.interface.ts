import type { ClusterEvent, WorkerIdentity, WorkerStatus } from 'nestjs-cluster';
import type { HostHealth, StateHealth, WorkerHealth } from 'nestjs-cluster/health';

/** A worker: its health, and what the primary knows about its slot. */
export type WorkerSnapshot = WorkerHealth &
  Partial<Pick<WorkerStatus, 'uptime' | 'restarts' | 'lastExit'>>;

/** Everything that the page shows about the host, read at one time, so that its sections agree. */
export interface Snapshot extends HostHealth {
  /** When it was read, in ms since the epoch. */
  readonly at: number;
  /** The worker that answers. */
  readonly via: WorkerIdentity;
  /** The process id of the primary, if it has answered. */
  readonly primary?: number;
  readonly workers: readonly WorkerSnapshot[];
  /** The health of the shared state. */
  readonly store: StateHealth;
  /** The latest lifecycle events, in the order in which the primary saw them. */
  readonly events: readonly ClusterEvent[];
}
