import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency } from '@nestjs/common';
import type { HealthThresholds } from './checks/thresholds.interface.js';
import type { HealthStatus } from './checks/verdict.js';

/** What an indicator answers, as those of `@nestjs/terminus` do: how something is, under its name. @publicApi */
export type IndicatorResult = Readonly<Record<string, { readonly status: HealthStatus }>>;

/** An indicator of your own, or of `@nestjs/terminus`. @publicApi */
export type ReadinessIndicator =
  (() => IndicatorResult | PromiseLike<IndicatorResult>) | PromiseLike<IndicatorResult>;

/**
 * Indicators of your own, made as any provider of Nest: those of `@nestjs/terminus` can be injected without
 * further imports.
 *
 * @publicApi
 */
export interface HealthIndicatorsOptions extends Pick<ModuleMetadata, 'imports'> {
  /** The providers that `useFactory` receives, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  /** Called once; what it gives is asked at each probe, side by side. */
  readonly useFactory: (
    // oxlint-disable-next-line typescript/no-explicit-any -- as Nest has it: whatever `inject` names
    ...dependencies: any[]
  ) => readonly ReadinessIndicator[] | Promise<readonly ReadinessIndicator[]>;
  /**
   * Milliseconds that each of them may take; one that takes longer, or fails, is down.
   *
   * @defaultValue 1000
   */
  readonly timeout?: number;
}

/** Options of `ClusterHealthModule.forRoot()`. @publicApi */
export interface ClusterHealthModuleOptions {
  /**
   * Where the endpoints `live`, `ready` and `startup` are.
   *
   * @defaultValue `'health'`
   */
  readonly path?: string;
  /** What makes the host, its workers and the shared state `degraded` or `down`. */
  readonly thresholds?: HealthThresholds;
  /** What `ready` asks beside the host and its shared state: a database without which nothing can be served. */
  readonly indicators?: HealthIndicatorsOptions;
  /**
   * Whether answers say more than their status: which workers there are and how they are doing, and what your
   * indicators say. Who is not to know that must not reach the endpoints, or gets no details.
   *
   * @defaultValue true
   */
  readonly details?: boolean;
  /**
   * For the class of the controller: those that let it pass your global guards, such as your `Public()`, or
   * `SkipThrottle()`.
   *
   * @defaultValue none
   */
  readonly decorators?: readonly ClassDecorator[];
}
