import { type DynamicModule, Module } from '@nestjs/common';
import { assertPackage, checkModule } from '../bootstrap/preflight.js';
import { LazyModule } from '../nest/lazy-module.js';
import { opaqueValue } from '../nest/opaque-value.js';
import { checkOptions } from './check-options.js';
import { metricsController } from './cluster-metrics.controller.js';
import type { ClusterMetricsModuleOptions } from './metrics-module-options.interface.js';
import { METRICS_SETTINGS, MetricsOrchestrator } from './metrics.orchestrator.js';

/**
 * Provides the metrics of the host for Prometheus at `GET /metrics`: those of `prom-client`, added up over all workers, and
 * those of the host and its workers. Any worker answers for the whole host.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), ClusterMetricsModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({})
export class ClusterMetricsModule {
  /**
   * Invalid options, or a missing `prom-client`, reject the creation of the application with a `ClusterConfigError`, before
   * any worker is forked. A port that cannot be opened fails the boot of the worker.
   */
  static forRoot(options: ClusterMetricsModuleOptions = {}): Promise<DynamicModule> {
    const check = checkModule(() => {
      checkOptions(options);
      assertPackage('ClusterMetricsModule', 'prom-client');
    });
    return new LazyModule(async () => {
      check();
      const prom = await import('prom-client');
      return {
        module: ClusterMetricsModule,
        controllers: options.path === false ? [] : [metricsController(options)],
        providers: [opaqueValue(METRICS_SETTINGS, { options, prom }), MetricsOrchestrator],
      };
    });
  }
}
