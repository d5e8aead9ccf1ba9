import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { checkModule } from '../bootstrap/preflight.js';
import { LazyModule } from '../nest/lazy-module.js';
import { opaqueValue } from '../nest/opaque-value.js';
import { DASHBOARD_ACCESS, DashboardAccess } from './access/dashboard-access.js';
import { DashboardActionGuard, DashboardRouteGuard } from './access/dashboard.guards.js';
import { checkAccess, checkAsyncOptions, checkOptions } from './check-options.js';
import { Dashboard, DEFAULT_DASHBOARD_PATH, DASHBOARD_PATH } from './dashboard.js';
import { dashboardController } from './dashboard.controller.js';
import type {
  ClusterDashboardModuleAsyncOptions,
  ClusterDashboardModuleOptions,
  DashboardAccessOptions,
  DashboardGuard,
  DashboardPlaceOptions,
} from './dashboard-module-options.interface.js';

/**
 * Provides the dashboard of the host at `GET /cluster`: a page that shows all workers live, whichever of them serves it, and
 * from which they can be controlled.
 *
 * Give it a guard. Without one, it does not exist in production, and otherwise only for browsers on the same machine.
 *
 * ```ts
 * @Module({
 *   imports: [ClusterModule.forRoot(), ClusterDashboardModule.forRoot({ guards: [AdminGuard] })],
 * })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({})
export class ClusterDashboardModule {
  /**
   * Invalid options reject the creation of the application with a `ClusterConfigError`, before any worker is forked.
   */
  static forRoot(options: ClusterDashboardModuleOptions = {}): Promise<DynamicModule> {
    const check = checkModule(() => checkOptions(options));
    return new LazyModule(() => {
      check();
      const access = opaqueValue(DASHBOARD_ACCESS, options);
      return Promise.resolve(moduleOf(options, [access, ...guardClasses(options)]));
    });
  }

  /**
   * As `forRoot()`, with guards from a factory, such as one that needs the configuration.
   *
   * ```ts
   * ClusterDashboardModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ guards: [new PasswordGuard(config.get('PASSWORD'))] }),
   * });
   * ```
   *
   * Classes of guards that the factory returns are created once: they must not be request-scoped.
   */
  static forRootAsync(options: ClusterDashboardModuleAsyncOptions): Promise<DynamicModule> {
    const check = checkModule(() => checkAsyncOptions(options));
    return new LazyModule(() => {
      check();
      const access = {
        provide: DASHBOARD_ACCESS,
        inject: options.inject ?? [],
        useFactory: async (...dependencies: unknown[]) =>
          checkAccess(await options.useFactory(...dependencies)),
      };
      return Promise.resolve(moduleOf(options, [access]));
    });
  }
}

function moduleOf(options: DashboardPlaceOptions, access: readonly Provider[]): DynamicModule {
  const { path = DEFAULT_DASHBOARD_PATH, imports = [] } = options;
  return {
    module: ClusterDashboardModule,
    imports,
    controllers: [dashboardController(path, options)],
    providers: [
      ...access,
      { provide: DASHBOARD_PATH, useValue: path },
      DashboardAccess,
      Dashboard,
      DashboardRouteGuard,
      DashboardActionGuard,
    ],
  };
}

/** Returns the classes, as providers: their dependencies come from `imports`, and they may be request-scoped. */
function guardClasses({ guards = [], actions }: DashboardAccessOptions): Provider[] {
  const all: readonly DashboardGuard[] = [...guards, ...((actions && actions.guards) || [])];
  return [...new Set(all)].filter(guard => typeof guard === 'function');
}
