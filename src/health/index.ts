export { ClusterHealthModule } from './cluster-health.module.js';
export { ClusterHealthIndicator } from './cluster.health.js';
export type {
  ClusterHealthModuleOptions,
  HealthIndicatorsOptions,
  IndicatorResult,
  ReadinessIndicator,
} from './health-module-options.interface.js';
export type { HostHealth } from './host-health.js';
export type { StateHealth } from './state-health.js';
export type { HealthThresholds, Threshold } from './thresholds.interface.js';
export type { HealthStatus, Verdict } from './verdict.js';
export type { WorkerHealth } from './worker-health.js';
