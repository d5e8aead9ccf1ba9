import type { MetricsRegistry } from './prom-client.js';

/** Options of `ClusterMetricsModule.forRoot()`. @publicApi */
export interface ClusterMetricsModuleOptions {
  /**
   * The path of the metrics. In the workers, it is a route of the application: its global prefix and its guards apply.
   * `false` for no route: then the metrics are only on `port`, at `/metrics`.
   *
   * @defaultValue `'/metrics'`
   */
  readonly path?: string | false | undefined;
  /**
   * A port on which the primary answers itself, also if all workers are blocked. In single mode, the process opens it.
   * It has no authentication: do not expose it.
   *
   * @defaultValue none
   */
  readonly port?: number | undefined;
  /**
   * The address of the interface for `port`.
   *
   * @defaultValue all interfaces
   */
  readonly host?: string | undefined;
  /**
   * Whether HTTP requests are measured, as `http_server_request_duration_seconds`.
   *
   * @defaultValue true
   */
  readonly http?: boolean | undefined;
  /** Registries of `prom-client` whose metrics are included, beside its default registry. */
  readonly registries?: readonly MetricsRegistry[] | undefined;
  /**
   * Class decorators for the controller, such as your `Public()` or `SkipThrottle()` that let it pass global guards.
   *
   * @defaultValue none
   */
  readonly decorators?: readonly ClassDecorator[] | undefined;
}
