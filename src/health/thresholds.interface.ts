/**
 * From which value on something is `degraded`, and from which on `down`; a bare value is the former. Left
 * out, it never is.
 *
 * @publicApi
 */
export type Threshold<Value = number> =
  Value | { readonly degraded?: Value; readonly down?: Value };

/**
 * What makes a worker, and the host, `degraded` or `down`. `degraded` is told, and changes no status code;
 * `down` does: a probe then answers 503.
 *
 * A worker that is down does not count as ready. The host is down when it stops, or when too few of its workers
 * are ready.
 *
 * @publicApi
 */
export interface HealthThresholds {
  /**
   * Below how many ready workers, or which share of those that are wanted, the host is.
   *
   * @defaultValue `{ degraded: '100%', down: 1 }`
   */
  readonly ready?: Threshold<number | string>;
  /**
   * From how many workers on the host is that were replaced in the last minute because one had ended.
   *
   * @defaultValue 3
   */
  readonly restarts?: Threshold;
  /**
   * From how many milliseconds on a worker is by which its event loop was late (99th percentile of the last 5 to
   * 10 seconds), or for which it has been blocked by now.
   *
   * @defaultValue 500
   */
  readonly eventLoopDelay?: Threshold;
  /**
   * From which share of the last 5 to 10 seconds on a worker is that its event loop was at work, 0 to 1.
   *
   * @defaultValue 0.98
   */
  readonly eventLoopUtilization?: Threshold;
  /**
   * From how much memory on (resident set size) a worker is: bytes, `'512mb'`, or a share of the
   * container's limit (without one, of the machine's memory) that all workers have together.
   *
   * @defaultValue `'90%'`
   */
  readonly memory?: Threshold<number | string>;
  /**
   * From how many events on a worker is that its subscriptions have missed in the last minute.
   *
   * @defaultValue 1
   */
  readonly missedEvents?: Threshold;
  /**
   * From which fullness on of the fullest queue of its subscriptions a worker is, 0 to 1 (`bus.maxQueueBytes`).
   *
   * @defaultValue 0.8
   */
  readonly busQueue?: Threshold;
  /**
   * From how many milliseconds on the shared state is, that an answer from its backend takes; none at all is
   * longer than that.
   *
   * @defaultValue 100
   */
  readonly stateRoundTrip?: Threshold;
}
