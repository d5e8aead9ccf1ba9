import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import type { HealthThresholds } from './checks/thresholds.interface.js';
import type { HealthStatus } from './checks/verdict.js';

/** The result of an indicator, in the format of `@nestjs/terminus`: a status for each name. @publicApi */
export type IndicatorResult = Readonly<Record<string, { readonly status: HealthStatus }>>;

/** An indicator of your own, or of `@nestjs/terminus`. @publicApi */
export type ReadinessIndicator =
  (() => IndicatorResult | PromiseLike<IndicatorResult>) | PromiseLike<IndicatorResult>;

/**
 * Your own indicators, created by a provider factory. The indicators of `@nestjs/terminus` can be injected without
 * further imports.
 *
 * @publicApi
 */
export interface HealthIndicatorsOptions {
  /** The modules whose providers are injected. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /** The providers that `useFactory` receives, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** Called once. Returns the indicators, which are called concurrently for each probe. */
  readonly useFactory: (
    // oxlint-disable-next-line typescript/no-explicit-any -- like Nest: the types depend on `inject`
    ...dependencies: any[]
  ) => readonly ReadinessIndicator[] | Promise<readonly ReadinessIndicator[]>;
  /**
   * Timeout of each indicator in milliseconds. An indicator that takes longer or fails is `down`.
   *
   * @defaultValue 1000
   */
  readonly timeout?: number | undefined;
}

/** Options of `ClusterHealthModule.forRoot()`. @publicApi */
export interface ClusterHealthModuleOptions {
  /**
   * The path of the endpoints `live`, `ready` and `startup`.
   *
   * @defaultValue `'health'`
   */
  readonly path?: string | undefined;
  /** When the host, its workers and the shared state are `degraded` or `down`. */
  readonly thresholds?: HealthThresholds | undefined;
  /** Additional indicators for `ready`, such as a database without which no request can be served. */
  readonly indicators?: HealthIndicatorsOptions | undefined;
  /**
   * Whether responses contain details: the health of each worker, and the results of your indicators. Set it to
   * `false` if clients that must not see these can reach the endpoints.
   *
   * @defaultValue true
   */
  readonly details?: boolean | undefined;
  /**
   * Class decorators for the controller, such as your `Public()` or `SkipThrottle()` that let it pass global guards.
   *
   * @defaultValue none
   */
  readonly decorators?: readonly ClassDecorator[] | undefined;
}
