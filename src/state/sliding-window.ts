/** The number of steps of a window, which limits the memory of a rate limit. */
const STEPS = 60;

/**
 * Returns the length of a step of a sliding window in milliseconds. All hits of a step count as if they came at the
 * time of the last one, so a limit never allows too many hits, and frees room at most one step late.
 *
 * @internal
 */
export function quantumOf(window: number): number {
  return Math.max(1, Math.floor(window / STEPS));
}
