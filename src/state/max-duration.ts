/**
 * The longest time to live, window, lease or age that the state and the bus take: ten years, in
 * milliseconds. It is longer than a timer of Node can wait (2³¹ − 1 ms), so whoever sets one waits in
 * steps of at most {@link MAX_TIMER}.
 *
 * @internal
 */
export const MAX_DURATION = 10 * 365 * 24 * 3_600_000;

/** The longest delay that timers of Node take, in milliseconds. @internal */
export const MAX_TIMER = 2 ** 31 - 1;
