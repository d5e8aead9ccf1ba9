/** What happens to an event that a handler of a group has failed to handle. @internal */
export interface RetryPolicy {
  /** How often it is handled again. */
  readonly retries: number;
  /** Milliseconds before the first retry. */
  readonly backoff: number;
  /** The topic for events that are not handled again. */
  readonly deadLetter: string | undefined;
}

/** Milliseconds before the first retry, by default. @internal */
export const BACKOFF = 1_000;

/** The maximum delay in milliseconds, unless the first one is longer. */
const MAX_BACKOFF = 300_000;

/**
 * Returns the milliseconds before a retry: a random time between half and all of the backoff, which doubles with each
 * retry, up to five minutes.
 *
 * @param attempt the number of attempts that have failed
 * @internal
 */
export function retryDelay(
  attempt: number,
  backoff: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(backoff * 2 ** (attempt - 1), Math.max(backoff, MAX_BACKOFF));
  return Math.round((ceiling * (1 + random())) / 2);
}
