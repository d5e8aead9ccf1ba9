/** A difference of this many standard errors is more than noise. */
const ERRORS = 3;

/** A difference of less than this share is of no interest. */
const INTEREST = 0.02;

/**
 * Compares a figure with the recorded one. It is worse if it differs by more than the noise of both. Ratios are compared
 * if both have one, because they depend less on the machine.
 *
 * @param {Figure} recorded
 * @param {Figure} measured
 * @returns {{ worse: boolean, change: number, noise: number }} the change and the noise as shares of the recorded figure;
 *   if that is 0, in its unit
 */
export function compare(recorded, measured) {
  const kind = recorded.ratio && measured.ratio ? 'ratio' : 'absolute';
  const [before, now] = [recorded[kind]?.median ?? NaN, measured[kind]?.median ?? NaN];
  const scale = before === 0 ? 1 : before;
  const change = (now - before) / scale;
  const error = Math.hypot(recorded.noise ?? 0, measured.noise ?? 0) / scale;
  const noise = Math.max(before === 0 ? 0 : INTEREST, ERRORS * error);
  return { worse: (isMoreBetter(measured) ? -change : change) > noise, change, noise };
}

/**
 * @typedef {Pick<import('./record.mjs').RecordedRow, 'unit' | 'ratio' | 'absolute' | 'noise'>} Figure
 */

/**
 * Rates should be high; times, sizes and failures low.
 *
 * @param {Figure} figure
 */
function isMoreBetter({ unit }) {
  return unit.endsWith('/s');
}
