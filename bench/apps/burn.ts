/**
 * Burns CPU time in a fixed number of steps. A wait for a clock would not do: it takes the same time in a process
 * that shares its core. The result depends on every step, so that no compiler can omit one.
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
