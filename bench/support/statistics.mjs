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
 * @param {readonly number[]} values
 * @param {number} share the share of values that are not larger, from 0 to 1
 * @returns {number}
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/**
 * Divides results that were measured side by side, pair by pair. Noise that lasts longer than a pair cancels out.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratio(ours, theirs) {
  return spread(ratios(ours, theirs));
}

/**
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratios(ours, theirs) {
  return ours.map((value, index) => value / theirs[index]);
}

/** @param {readonly number[]} values */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** From the median absolute deviation to the standard deviation, and on to the error of a median, of normal values. */
const MAD_TO_SD = 1.4826;
const MEDIAN_ERROR = 1.2533;

/**
 * Returns the standard error of the median, which a few outliers do not change.
 *
 * @param {readonly number[]} values
 */
export function errorOfMedian(values) {
  const middle = median(values);
  const deviation = median(values.map(value => Math.abs(value - middle)));
  return (MEDIAN_ERROR * MAD_TO_SD * deviation) / Math.sqrt(values.length);
}
