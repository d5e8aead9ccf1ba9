/**
 * Health endpoints and indicators for `@nestjs/terminus`.
 *
 * @packageDocumentation
 */
export { ClusterHealthModule } from './cluster-health.module.js';
export { ClusterHealthIndicator } from './cluster.health.js';
export type {
  ClusterHealthModuleOptions,
  HealthIndicatorsOptions,
  IndicatorResult,
  ReadinessIndicator,
} from './health-module-options.interface.js';
export type { HostHealth } from './checks/host-health.js';
export type { StateHealth } from './checks/state-health.js';
export type { HealthThresholds, Threshold } from './checks/thresholds.interface.js';
export type { HealthStatus, Verdict } from './checks/verdict.js';
export type { WorkerHealth } from './checks/worker-health.js';
