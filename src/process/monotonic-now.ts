const [seconds, nanoseconds] = process.hrtime();

/** When this process began to count, on the clock of the system. */
const origin = seconds * 1_000 + nanoseconds / 1e6 - performance.now();

/**
 * Milliseconds on a clock that is never set, and that all processes of a machine share: the one that
 * `process.hrtime()` reads. https://nodejs.org/api/process.html#processhrtimetime
 *
 * @internal
 */
export function monotonicNow(): number {
  return origin + performance.now();
}
