/** When this process began to count, on the clock of the system; a little less if something came in between. */
function measureOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6 - performance.now();
}

const origin = Math.max(...Array.from({ length: 5 }, measureOrigin));

/**
 * Milliseconds on a clock that is never set, and that all processes of a machine share: the one that
 * `process.hrtime()` reads. https://nodejs.org/api/process.html#processhrtimetime
 *
 * Every duration, deadline and lease is measured by it. To another machine its instants mean nothing. On Linux it
 * stands still while the machine is suspended.
 *
 * @internal
 */
export function monotonicNow(): number {
  return origin + performance.now();
}
