/** The limit that a worker has reached. @internal */
export type RecycleReason = 'memory' | 'requests' | 'age';

/** Limits of a worker; 0 means no limit. @internal */
export interface RecycleLimits {
  /** Bytes. */
  readonly maxMemory: number;
  readonly maxRequests: number;
  /** Milliseconds. */
  readonly maxAge: number;
}

/**
 * Returns the limit that a worker has reached, or `undefined`.
 *
 * @param share the share of each limit that applies to this worker, up to 1; it differs so that workers that were
 *   forked together are not replaced together
 * @internal
 */
export function recycleReason(
  worker: { readonly memory: number; readonly requests: number; readonly age: number },
  { maxMemory, maxRequests, maxAge }: RecycleLimits,
  share: number,
): RecycleReason | undefined {
  const reached = (value: number, limit: number): boolean => limit > 0 && value >= limit * share;
  if (reached(worker.memory, maxMemory)) {
    return 'memory';
  }
  if (reached(worker.requests, maxRequests)) {
    return 'requests';
  }
  return reached(worker.age, maxAge) ? 'age' : undefined;
}

/**
 * Returns a random share of the limits for a new worker.
 *
 * @param jitter the maximum that is taken off a limit, from 0 to 1
 * @internal
 */
export function recycleShare(jitter: number, random: () => number = Math.random): number {
  return 1 - random() * jitter;
}
