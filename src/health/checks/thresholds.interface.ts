/**
 * From which value on something is `degraded`, and from which on it is `down`. What `{ degraded, down }` leaves out, it
 * never is. A bare value says when it is `degraded`, and leaves alone when it is `down`.
 *
 * @publicApi
 */
export type Threshold<Value = number> =
  Value | { readonly degraded?: Value; readonly down?: Value };

/**
 * What makes a worker, the host or the shared state `degraded` or `down`. `degraded` is told, and changes no status
 * code; `down` does: a probe then answers 503.
 *
 * A worker that is down does not count as ready. The host is down when it stops, or when too few of its workers
 * are ready.
 *
 * @publicApi
 */
export interface HealthThresholds {
  /**
   * Ready workers of the host, below which it is degraded or down: a whole number, or a share of those that are
   * wanted.
   *
   * @defaultValue `{ degraded: '100%', down: 1 }`
   */
  readonly ready?: Threshold<number | string>;
  /**
   * Workers of the host that had to be replaced in the last minute.
   *
   * @defaultValue 3
   */
  readonly restarts?: Threshold;
  /**
   * Event-loop delay of a worker, in milliseconds: 99th percentile of the last 5 to 10 seconds; or, if that is
   * worse, for how long its next heartbeat has been overdue by now.
   *
   * @defaultValue 500
   */
  readonly eventLoopDelay?: Threshold;
  /**
   * Event-loop utilization of a worker, 0 to 1, in the last 5 to 10 seconds.
   *
   * @defaultValue 0.98
   */
  readonly eventLoopUtilization?: Threshold;
  /**
   * Memory of a worker (resident set size): bytes, `'512mb'`, or its part of a share of the container's limit
   * (without one, of the machine's memory).
   *
   * @defaultValue `'90%'`
   */
  readonly memory?: Threshold<number | string>;
  /**
   * Events that the subscriptions of a worker have missed in the last minute.
   *
   * @defaultValue 1
   */
  readonly missedEvents?: Threshold;
  /**
   * Fullness of the fullest queue of a worker's subscriptions, 0 to 1 (of `bus.maxQueueBytes`).
   *
   * @defaultValue 0.8
   */
  readonly busQueue?: Threshold;
  /**
   * Round trip to the backend of the shared state, in milliseconds. A backend that cannot be reached at all is worse
   * than any.
   *
   * @defaultValue 100
   */
  readonly stateRoundTrip?: Threshold;
}
