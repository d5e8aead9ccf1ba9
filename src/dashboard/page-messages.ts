import type { FleetStatus } from '../model/fleet-status.interface.js';
import type { Overview } from '../overview/overview.interface.js';

/** The views of the page, of which a stream shows one. @internal */
export const DASHBOARD_VIEWS = [
  'workers',
  'timeline',
  'state',
  'topics',
  'jobs',
  'connections',
  'fleet',
] as const;

/** @internal */
export type DashboardView = (typeof DASHBOARD_VIEWS)[number];

/** A view that shows more than the overview. @internal */
export type SectionView = Exclude<DashboardView, 'workers' | 'timeline'>;

/** What can be done on the page. @internal */
export type DashboardActionName = 'reload' | 'scale' | 'replace' | 'stack' | 'profile';

/** The first message of a stream (`overview`). @internal */
export interface DashboardOverview extends Overview {
  /** The worker that serves the page. */
  readonly self: {
    readonly slot: number;
    readonly pid: number;
    readonly mode: 'worker' | 'single';
  };
  /** The name of the application. */
  readonly namespace: string;
  /** The version of this package. */
  readonly version: string;
  /** The actions that the caller may use. */
  readonly actions: readonly DashboardActionName[];
}

/** The scheduled jobs. @internal */
export interface JobsSection {
  /** Whether the application uses `ClusterScheduleModule`. */
  readonly used: boolean;
  /** What `ClusterSchedule.jobs()` returns. */
  readonly jobs: readonly unknown[];
  /** Why they are not known. */
  readonly error?: string;
}

/** The hosts of the namespace. @internal */
export type FleetSection = FleetStatus | { readonly error: string };

/** The answer to an action that has failed. @internal */
export interface ActionFailure {
  readonly message: string;
  /** The new worker that has failed. */
  readonly worker?: {
    readonly slot: number;
    readonly pid: number;
    readonly lastOutput: string;
  };
}
