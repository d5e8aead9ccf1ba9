/**
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  return sorted.length % 2 ? upper : (sorted[middle - 1] + upper) / 2;
}

/**
 * What was measured side by side, divided pair by pair: noise that lasts longer than a pair falls out.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratio(ours, theirs) {
  const pairs = ours.map((value, index) => value / theirs[index]);
  return { median: median(pairs), min: Math.min(...pairs), max: Math.max(...pairs) };
}
