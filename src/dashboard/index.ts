/**
 * A dashboard of the host, for browsers.
 *
 * @packageDocumentation
 */
export { ClusterDashboardModule } from './cluster-dashboard.module.js';
export type {
  ClusterDashboardModuleAsyncOptions,
  ClusterDashboardModuleOptions,
  DashboardAccessOptions,
  DashboardActionsOptions,
  DashboardGuard,
  DashboardPlaceOptions,
} from './dashboard-module-options.interface.js';
