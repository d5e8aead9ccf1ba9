/**
 * Burns CPU time: a fixed number of steps, and not a wait for a clock, which would be over just as
 * soon for a process that had to share its core. The result depends on every step, so that no
 * compiler can leave one out.
 */
export function burn(iterations: number): number {
  let state = 88_172_645;
  for (let step = 0; step < iterations; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
