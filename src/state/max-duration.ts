/**
 * The maximum time to live, window, lease or age in the state and the bus: ten years, in milliseconds. It exceeds the
 * maximum delay of Node's timers (2³¹ − 1 ms), so longer waits need steps of at most {@link MAX_TIMER}.
 *
 * @internal
 */
export const MAX_DURATION = 10 * 365 * 24 * 3_600_000;

/** The maximum delay of Node's timers in milliseconds. @internal */
export const MAX_TIMER = 2 ** 31 - 1;
