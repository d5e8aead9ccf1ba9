import type {
  CanActivate,
  InjectionToken,
  ModuleMetadata,
  OptionalFactoryDependency,
  Type,
} from '@nestjs/common';

/** A guard of the dashboard: a class, which is created with its dependencies, or an instance. @publicApi */
export type DashboardGuard = Type<CanActivate> | CanActivate;

/** Who may do something on the dashboard. @publicApi */
export interface DashboardActionsOptions {
  /**
   * Guards of the actions. A caller must pass these, after those of the dashboard.
   *
   * @defaultValue none: who may see the dashboard may use its actions
   */
  readonly guards?: readonly DashboardGuard[] | undefined;
}

/** Who may see the dashboard, and who may do something on it. @publicApi */
export interface DashboardAccessOptions {
  /**
   * Guards of the dashboard: of its page, its data and its actions. Global guards run before them, but do not replace them.
   *
   * @defaultValue none: in production (`NODE_ENV=production`), the dashboard does not exist; otherwise it is open to browsers on
   * the same machine
   */
  readonly guards?: readonly DashboardGuard[] | undefined;
  /**
   * Guards of the actions, or `false` for a dashboard without actions.
   *
   * @defaultValue the guards of the dashboard
   */
  readonly actions?: false | DashboardActionsOptions | undefined;
}

/** Where the dashboard is. @publicApi */
export interface DashboardPlaceOptions {
  /**
   * The path of the page, below the global prefix of the application.
   *
   * @defaultValue `'/cluster'`
   */
  readonly path?: string | undefined;
  /** Modules that export what the guards, or the factory, need. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
  /**
   * Class decorators for the controller, such as your `Public()` or `SkipThrottle()` that let it pass global guards.
   *
   * @defaultValue none
   */
  readonly decorators?: readonly ClassDecorator[] | undefined;
}

/** Options of `ClusterDashboardModule.forRoot()`. @publicApi */
export interface ClusterDashboardModuleOptions
  extends DashboardPlaceOptions, DashboardAccessOptions {}

/** Options of `ClusterDashboardModule.forRootAsync()`. @publicApi */
export interface ClusterDashboardModuleAsyncOptions extends DashboardPlaceOptions {
  /** The providers that `useFactory` receives, in this order. */
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** Returns who may see the dashboard, and who may do something on it. */
  readonly useFactory: (
    // oxlint-disable-next-line typescript/no-explicit-any -- like Nest: the types depend on `inject`
    ...dependencies: any[]
  ) => DashboardAccessOptions | Promise<DashboardAccessOptions>;
}
