import { type DynamicModule, Module } from '@nestjs/common';
import { givenAt } from '../model/errors/cluster-config.error.js';
import { userFrames } from '../system/text/user-frames.js';
import { LazyModule } from '../nest/lazy-module.js';
import { checkBeforeFork } from '../bootstrap/preflight.js';
import { checkOptions } from './checks/check-options.js';
import { ClusterHealthIndicator, HEALTH_THRESHOLDS } from './cluster.health.js';
import { healthController } from './cluster-health.controller.js';
import type { ClusterHealthModuleOptions } from './health-module-options.interface.js';
import { readinessIndicators } from './checks/readiness-indicators.js';
import { assertTerminus, loadTerminus } from './terminus.js';

/**
 * Answers those who probe the host: `GET /health/live`, `/health/ready` and `/health/startup`. Whichever worker a
 * probe reaches, it answers for the host.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), ClusterHealthModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * Without `forRoot()`, the module has no endpoints, and provides the `ClusterHealthIndicator` alone, for
 * controllers of your own.
 *
 * @publicApi
 */
@Module({ providers: [ClusterHealthIndicator], exports: [ClusterHealthIndicator] })
export class ClusterHealthModule {
  /**
   * Global: the `ClusterHealthIndicator`, with these thresholds, is injectable anywhere.
   *
   * Errors in the options, and that `@nestjs/terminus` is not installed, reject the creation of the application
   * as a `ClusterConfigError`, before anything is forked.
   */
  static forRoot(options: ClusterHealthModuleOptions = {}): Promise<DynamicModule> {
    const frames = userFrames();
    const check = (): void =>
      givenAt(frames, () => {
        checkOptions(options);
        assertTerminus();
      });
    checkBeforeFork(check);
    return new LazyModule(async () => {
      check();
      const terminus = await loadTerminus();
      const { thresholds = {}, indicators } = options;
      return {
        module: ClusterHealthModule,
        global: true,
        // It would log at each probe.
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
