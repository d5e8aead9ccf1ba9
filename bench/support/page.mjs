// Less to load than the whole of Prettier.
import * as markdown from 'prettier/plugins/markdown';
import { format } from 'prettier/standalone';
import { majorOf } from './record.mjs';
import { isMet } from './report.mjs';

/** Where the table of a benchmark stands in the page: `requests on Node 24`. */
const PLACE = /<!-- figures: ([\w-]+ on Node \d+) -->[^]*?<!-- end -->/g;

/**
 * Writes the tables of the recorded figures into a page.
 *
 * @param {string} page
 * @param {import('./record.mjs').Record} record
 * @returns {Promise<string>}
 * @throws {Error} if the page has a place for figures that are not recorded
 */
export async function withFigures(page, record) {
  const names = Array.from(page.matchAll(PLACE), ([, name]) => name);
  const tables = await Promise.all(names.map(name => formattedTable(name, record[name])));
  return page.replaceAll(PLACE, (_, name) => {
    const table = tables[names.indexOf(name)];
    return `<!-- figures: ${name} -->\n\n${table}\n<!-- end -->`;
  });
}

/**
 * @param {string} name
 * @param {import('./record.mjs').RecordedBenchmark | undefined} recorded
 */
function formattedTable(name, recorded) {
  if (!recorded) {
    throw new Error(`No figures are recorded of ${name}: run the benchmark with --record`);
  }
  return format(tableOf(recorded), { parser: 'markdown', plugins: [markdown], printWidth: 160 });
}

/** @param {import('./record.mjs').RecordedBenchmark} recorded */
function tableOf({ title, node, rows }) {
  const lines = [
    [
      `${capitalized(title)} (Node ${majorOf(node)})`,
      'ratio',
      'smallest … largest',
      'measured',
      'baseline',
      'target',
    ],
    ['---', '---', '---', '---', '---', '---'],
    ...rows.map(cellsOf),
  ];
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {import('./record.mjs').RecordedRow} row */
function cellsOf({ name, unit, ratio, absolute, medians, target }) {
  const measured = ratio ?? absolute;
  return [
    name,
    ratio ? figure(ratio.median) : '',
    rangeOf(ratio, figure) ?? rangeOf(absolute, value => quantity(value, unit)) ?? '',
    quantity(medians?.value ?? absolute?.median, unit),
    quantity(medians?.base, unit),
    target && measured ? verdict(measured.median, target) : 'as measured',
  ];
}

/**
 * @param {import('./record.mjs').Spread | undefined} spread
 * @param {(value: number) => string} text
 */
function rangeOf(spread, text) {
  return spread && `${text(spread.min)} … ${text(spread.max)}`;
}

/**
 * @param {number} measured
 * @param {{ atLeast: number } | { atMost: number }} target
 */
function verdict(measured, target) {
  const bound = 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return isMet(measured, target) ? bound : `${bound}, **missed**`;
}

/**
 * @param {number | undefined} value
 * @param {string} unit
 */
function quantity(value, unit) {
  return value === undefined ? '' : `${amount(value)} ${unit}`.trim();
}

/**
 * Three decimals near 1, otherwise three significant digits.
 *
 * @param {number} ratio
 */
function figure(ratio) {
  if (ratio >= 1_000) {
    return amount(ratio);
  }
  return String(Number(ratio >= 1 && ratio < 2 ? ratio.toFixed(3) : ratio.toPrecision(3)));
}

/** @param {number} value */
function amount(value) {
  return value >= 10
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(2)));
}

/** @param {string} text */
function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
