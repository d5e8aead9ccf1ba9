/**
 * The values from which something is `degraded` and `down`. A value that `{ degraded, down }` leaves out is never
 * reached. A plain value sets `degraded`, and leaves `down` at its default.
 *
 * @publicApi
 */
export type Threshold<Value = number> =
  Value | { readonly degraded?: Value | undefined; readonly down?: Value | undefined };

/**
 * Thresholds from which a worker, the host or the shared state is `degraded` or `down`. `degraded` only appears in
 * the response; `down` also changes the status code of the probe to 503.
 *
 * A worker that is `down` does not count as ready. The host is `down` when it is stopping, or when too few of its
 * workers are ready.
 *
 * @publicApi
 */
export interface HealthThresholds {
  /**
   * The number of ready workers below which the host is `degraded` or `down`: a whole number, or a share of the
   * wanted workers.
   *
   * @defaultValue `{ degraded: '100%', down: 1 }`
   */
  readonly ready?: Threshold<number | string> | undefined;
  /**
   * The number of workers that had to be replaced in the last minute.
   *
   * @defaultValue 3
   */
  readonly restarts?: Threshold | undefined;
  /**
   * Event-loop delay of a worker in milliseconds: the 99th percentile of the last 5 to 10 seconds or, if that is
   * longer, the time for which its heartbeat is overdue.
   *
   * @defaultValue 500
   */
  readonly eventLoopDelay?: Threshold | undefined;
  /**
   * Event-loop utilization of a worker, 0 to 1, in the last 5 to 10 seconds.
   *
   * @defaultValue 0.98
   */
  readonly eventLoopUtilization?: Threshold | undefined;
  /**
   * Memory of a worker (resident set size): bytes, `'512mb'`, or a share of the container's limit (without a limit,
   * of the machine's memory), which is divided among the workers.
   *
   * @defaultValue `'90%'`
   */
  readonly memory?: Threshold<number | string> | undefined;
  /**
   * The number of events that the subscriptions of a worker have missed in the last minute.
   *
   * @defaultValue 1
   */
  readonly missedEvents?: Threshold | undefined;
  /**
   * Fullness of the fullest queue of a worker's subscriptions: a share of `bus.maxQueueBytes`, 0 to 1.
   *
   * @defaultValue 0.8
   */
  readonly busQueue?: Threshold | undefined;
  /**
   * Round trip to the backend of the shared state in milliseconds. An unreachable backend exceeds every threshold.
   *
   * @defaultValue 100
   */
  readonly stateRoundTrip?: Threshold | undefined;
}
