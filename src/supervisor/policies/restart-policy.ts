/** Milliseconds for which a worker must be ready until the failures of its slot no longer count. @internal */
export const HEALTHY_AFTER = 60_000;

/**
 * Returns the number of failures in a row of a slot whose worker has exited.
 *
 * @param previous the number before this exit
 * @param readyFor milliseconds for which the worker was ready, 0 if it never was
 * @internal
 */
export function countFailure(previous: number, readyFor: number): number {
  return readyFor >= HEALTHY_AFTER ? 1 : previous + 1;
}

/**
 * Returns the milliseconds to wait before the next worker starts: exponential backoff with full jitter, as in
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
 * Whether to give up: no worker serves, and boots keep failing.
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
