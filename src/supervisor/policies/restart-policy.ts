/** Milliseconds of being ready after which a worker's slot is forgiven its failures. @internal */
export const HEALTHY_AFTER = 60_000;

/**
 * How many failures in a row a slot has had, now that its worker is gone.
 *
 * @param previous the count before
 * @param readyFor milliseconds that the worker had been ready, 0 if it never was
 * @internal
 */
export function countFailure(previous: number, readyFor: number): number {
  return readyFor >= HEALTHY_AFTER ? 1 : previous + 1;
}

/**
 * Milliseconds to wait before the next worker: exponential backoff with full jitter, as in
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @internal
 */
export function restartDelay(
  failures: number,
  options: { readonly initialDelay: number; readonly maxDelay: number },
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(options.maxDelay, options.initialDelay * 2 ** (failures - 1));
  return Math.round(random() * ceiling);
}

/**
 * Whether to stop trying: nobody serves, and booting keeps failing.
 *
 * @internal
 */
export function shouldGiveUp(
  failedBoots: number,
  readyWorkers: number,
  giveUpAfter: number,
): boolean {
  return readyWorkers === 0 && failedBoots >= giveUpAfter;
}
