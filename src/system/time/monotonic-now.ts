/**
 * Returns the start of this process's clock on the clock of the system; a little less if the measurement was
 * interrupted.
 */
function measureOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6 - performance.now();
}

const origin = Math.max(...Array.from({ length: 5 }, measureOrigin));

/**
 * Returns milliseconds of the clock that `process.hrtime()` reads. It is never set, and is the same for all
 * processes of a machine. https://nodejs.org/api/process.html#processhrtimetime
 *
 * Every duration, deadline and lease uses it. Values of different machines cannot be compared. On Linux it stops
 * while the machine is suspended.
 *
 * @internal
 */
export function monotonicNow(): number {
  return origin + performance.now();
}
