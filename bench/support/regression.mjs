/** A difference of this many standard errors is more than noise. */
const ERRORS = 3;

/** A difference of less than this share is of no interest. */
const INTEREST = 0.02;

/**
 * Compares a figure with the recorded one. It is worse if it differs by more than the noise of both.
 *
 * @param {Figure} recorded
 * @param {Figure} measured
 * @returns {{ worse: boolean, change: number, noise: number }} the change and the noise as shares of the recorded figure
 */
export function compare(recorded, measured) {
  const [before, now] = [medianOf(recorded), medianOf(measured)];
  const change = (now - before) / before;
  const error = Math.hypot(recorded.noise ?? 0, measured.noise ?? 0) / before;
  const noise = Math.max(INTEREST, ERRORS * error);
  return { worse: (isMoreBetter(measured) ? -change : change) > noise, change, noise };
}

/**
 * @typedef {Pick<import('./record.mjs').RecordedRow, 'unit' | 'ratio' | 'absolute' | 'noise'>} Figure
 */

/** @param {Figure} figure */
function medianOf({ ratio, absolute }) {
  return (ratio ?? absolute)?.median ?? NaN;
}

/**
 * Rates should be high; times, sizes and failures low.
 *
 * @param {Figure} figure
 */
function isMoreBetter({ unit }) {
  return unit.endsWith('/s');
}
