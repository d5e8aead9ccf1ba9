import { errorOfMedian, median, ratio, ratios, spread } from './statistics.mjs';

/**
 * @typedef {object} Row a candidate and its base, measured side by side
 * @property {string} name
 * @property {string} unit
 * @property {number[]} values
 * @property {number[]} [base] without it, the values are shown as they are
 * @property {{ atLeast: number } | { atMost: number }} [target] of the ratio; without a base, of the value
 */

/** @typedef {{ title: string, notes: string[], rows: Row[] }} Benchmark what a benchmark has measured */

/** @typedef {(progress: (step: string) => void) => Promise<Benchmark>} RunBenchmark */

/** @typedef {ReturnType<typeof summarize>} Summary */

/** @param {Row} row */
export function summarize({ name, unit, values, base, target }) {
  const measured = base ? ratio(values, base) : spread(values);
  return {
    name,
    ...(base ? { ratio: measured } : { absolute: measured }),
    unit,
    medians: { value: median(values), ...(base && { base: median(base) }) },
    target: target ?? null,
    met: target ? isMet(measured.median, target) : null,
    noise: errorOfMedian(base ? ratios(values, base) : values),
    samples: { values, ...(base && { base }) },
  };
}

/** @param {readonly Summary[]} rows */
export function table(rows) {
  const lines = [
    ['', 'ratio', 'min..max', 'value', '÷ base', '', 'target'],
    ...rows.map(row => [
      row.name,
      ...measuredCells(row),
      amount(row.medians.value),
      row.medians.base === undefined ? '' : amount(row.medians.base),
      row.unit,
      verdict(row),
    ]),
  ];
  const widths = lines[0]?.map((_, column) =>
    Math.max(...lines.map(line => lengthOf(line[column]))),
  );
  return lines
    .map(line => line.map((cell, column) => pad(cell, column, widths?.[column] ?? 0)).join('  '))
    .map(line => line.trimEnd())
    .join('\n');
}

/**
 * The ratio and its range; without a base, the range of the values.
 *
 * @param {Summary} row
 * @returns {string[]}
 */
function measuredCells({ ratio: measured, absolute }) {
  return measured
    ? [measured.median.toFixed(3), `${measured.min.toFixed(3)}..${measured.max.toFixed(3)}`]
    : ['', absolute ? `${amount(absolute.min)}..${amount(absolute.max)}` : ''];
}

/** @param {string | undefined} cell */
function lengthOf(cell) {
  return cell?.length ?? 0;
}

/**
 * @param {string} cell
 * @param {number} column
 * @param {number} width
 */
function pad(cell, column, width) {
  const isNumber = column >= 1 && column <= 4;
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

/** @param {Summary} row */
function verdict({ target, met }) {
  if (!target) {
    return 'as measured';
  }
  const bound = 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return `${bound}  ${met ? 'met' : 'MISSED'}`;
}

/**
 * @param {number} measured
 * @param {NonNullable<Row['target']>} target
 */
export function isMet(measured, target) {
  return 'atLeast' in target ? measured >= target.atLeast : measured <= target.atMost;
}

/** @param {number} value */
function amount(value) {
  return value.toFixed(value < 100 ? 1 : 0);
}
