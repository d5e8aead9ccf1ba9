/**
 * Metrics of the host for Prometheus.
 *
 * @packageDocumentation
 */
export { ClusterMetricsModule } from './cluster-metrics.module.js';
export type { ClusterMetricsModuleOptions } from './metrics-module-options.interface.js';
export type { MetricsRegistry } from './prom-client.js';
