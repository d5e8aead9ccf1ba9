import { type DynamicModule, Module } from '@nestjs/common';
import { assertPackage, checkModule } from '../bootstrap/preflight.js';
import { LazyModule } from '../nest/lazy-module.js';
import { checkOptions } from './checks/check-options.js';
import { ClusterHealthIndicator, HEALTH_THRESHOLDS } from './cluster.health.js';
import { healthController } from './cluster-health.controller.js';
import type { ClusterHealthModuleOptions } from './health-module-options.interface.js';
import { readinessIndicators } from './checks/readiness-indicators.js';

/**
 * Provides the health endpoints `GET /health/live`, `/health/ready` and `/health/startup`. Any worker answers for the
 * whole host.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), ClusterHealthModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * Without `forRoot()`, the module has no endpoints. It then only provides the `ClusterHealthIndicator` for your own
 * controllers.
 *
 * @publicApi
 */
@Module({ providers: [ClusterHealthIndicator], exports: [ClusterHealthIndicator] })
export class ClusterHealthModule {
  /**
   * Registers the endpoints. The module is global: the `ClusterHealthIndicator` with these thresholds can be injected
   * anywhere.
   *
   * Invalid options, or a missing `@nestjs/terminus`, reject the creation of the application with a
   * `ClusterConfigError`, before any worker is forked.
   */
  static forRoot(options: ClusterHealthModuleOptions = {}): Promise<DynamicModule> {
    const check = checkModule(() => {
      checkOptions(options);
      assertPackage('ClusterHealthModule', '@nestjs/terminus');
    });
    return new LazyModule(async () => {
      check();
      const terminus = await import('@nestjs/terminus');
      const { thresholds = {}, indicators } = options;
      return {
        module: ClusterHealthModule,
        global: true,
        // Terminus would log each failed probe.
        imports: [
          terminus.TerminusModule.forRoot({ logger: false }),
          ...(indicators?.imports ?? []),
        ],
        controllers: [healthController(terminus, options)],
        providers: [
          { provide: HEALTH_THRESHOLDS, useValue: thresholds },
          readinessIndicators(indicators),
        ],
        exports: [HEALTH_THRESHOLDS],
      };
    });
  }
}
