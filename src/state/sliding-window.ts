/** Into how many steps a window is divided: what is remembered of a limit is not more than this. */
const STEPS = 60;

/**
 * Milliseconds of a step of a sliding window. All hits of a step are counted as if they came with the last
 * of them: a limit never allows more than it should, and makes room a sixtieth of its window late at most.
 *
 * @internal
 */
export function quantumOf(window: number): number {
  return Math.max(1, Math.floor(window / STEPS));
}
