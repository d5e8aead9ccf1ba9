/** Returns a duration for a sentence: `45 ms`, `3.2 s`. @internal */
export function seconds(milliseconds: number): string {
  return milliseconds < 100
    ? `${Math.round(milliseconds)} ms`
    : `${(milliseconds / 1_000).toFixed(1)} s`;
}
