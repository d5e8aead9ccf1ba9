/** Why a worker has had its time. @internal */
export type RecycleReason = 'memory' | 'requests' | 'age';

/** 0 is no limit. @internal */
export interface RecycleLimits {
  /** Bytes. */
  readonly maxMemory: number;
  readonly maxRequests: number;
  /** Milliseconds. */
  readonly maxAge: number;
}

/**
 * Whether a worker has had its time.
 *
 * @param share how much of each limit is this worker's, up to 1: workers that were forked together are not
 * to be replaced together
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
 * The share of a worker that is forked now.
 *
 * @param jitter how much of a limit may be taken off at random, from 0 to 1
 * @internal
 */
export function recycleShare(jitter: number, random: () => number = Math.random): number {
  return 1 - random() * jitter;
}
