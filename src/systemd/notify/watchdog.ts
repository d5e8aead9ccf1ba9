/** The maximum delay of a timer in ms. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Returns after how many milliseconds the service manager must get the next sign of life: half of the time after
 * which it would kill this process, as sd_watchdog_enabled(3) recommends. `undefined` if it expects none from this
 * process.
 *
 * @internal
 */
export function watchdogInterval(env: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = env;
  if (!microseconds || (watched && Number(watched) !== pid)) {
    return undefined;
  }
  const interval = Math.floor(Number(microseconds) / 2_000);
  return interval >= 1 && interval <= MAX_TIMER ? interval : undefined;
}
