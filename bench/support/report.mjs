import { median, ratio } from './statistics.mjs';

/**
 * @typedef {object} Row a candidate and what it is compared to, measured side by side
 * @property {string} name
 * @property {string} unit
 * @property {number[]} values
 * @property {number[]} base
 * @property {{ atLeast: number } | { atMost: number }} [target] of the ratio
 */

/** @typedef {{ title: string, notes: string[], rows: Row[] }} Benchmark what a benchmark has measured */

/** @typedef {(progress: (step: string) => void) => Promise<Benchmark>} RunBenchmark */

/** @typedef {ReturnType<typeof summarize>} Summary */

/** @param {Row} row */
export function summarize({ name, unit, values, base, target }) {
  const measured = ratio(values, base);
  return {
    name,
    ratio: measured,
    unit,
    medians: { value: median(values), base: median(base) },
    target: target ?? null,
    met: target ? isMet(measured.median, target) : null,
    samples: { values, base },
  };
}

/** @param {readonly Summary[]} rows */
export function table(rows) {
  const lines = [
    ['', 'ratio', 'min..max', 'value', '÷ base', '', 'target'],
    ...rows.map(row => [
      row.name,
      row.ratio.median.toFixed(3),
      `${row.ratio.min.toFixed(3)}..${row.ratio.max.toFixed(3)}`,
      amount(row.medians.value),
      amount(row.medians.base),
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
function isMet(measured, target) {
  return 'atLeast' in target ? measured >= target.atLeast : measured <= target.atMost;
}

/** @param {number} value */
function amount(value) {
  return value.toFixed(value < 100 ? 1 : 0);
}
