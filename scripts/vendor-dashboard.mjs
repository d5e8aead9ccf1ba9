import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { minifySync } from '@swc/core';
import { transformSync } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

/** The libraries of the dashboard. Those that are minified already are not changed. */
export const VENDORED = [
  { name: 'preact', from: 'dist/preact.mjs', license: 'MIT' },
  { name: 'htm', from: 'dist/htm.module.js', license: 'Apache-2.0' },
  { name: 'uplot', from: 'dist/uPlot.esm.js', license: 'MIT', change: withoutUnused },
];

/**
 * What the dashboard does not use of uPlot: other curves, scales and modes, the legend, bands, selections, cursors of other
 * plots, vertical times, and all that it knows about the time of day.
 */
const UNUSED = [
  [/^.*\(?paths\.(?:stepped|bars|spline) +=.*$/gm, ''],
  [
    /^.*uPlot\.(?:join|fmtDate|tzDate|fmtNum|rangeNum|rangeLog|rangeAsinh|orient|sync|addGap|clipGaps) *= .*$/gm,
    '',
  ],
  [/const showLegend = legend\.show;/g, 'const showLegend = false;'],
  [/\bmode == 2\b/g, 'false'],
  [/\b(?:sc|scaleX|scales\[s\.scale\])\.time\b/g, 'false'],
  [/\bsrc != null\b|\bselect\.show\b|\bscaleX\.ori == 1\b/g, 'false'],
  [/\bsrc == null\b|\bscaleX\.ori == 0\b/g, 'true'],
  [/^.*= genTimeStuffs\(.*$/gm, ''],
  [/^.*const _time(?:AxisSplits|AxisVals|SeriesVal) +=.*$/gm, ''],
  [/\b(?:w?sc\.)?distr == (?:3|4|100)\b/g, 'false'],
];
const UNUSED_FUNCTIONS = [
  'rangeLog',
  'rangeAsinh',
  'logAxisSplits',
  'asinhAxisSplits',
  'log10AxisValsFilt',
  'log2AxisValsFilt',
  'snapLogY',
  'snapAsinhY',
  'clipBandLine',
  'fmtDate',
  'timeAxisStamps',
  'timeAxisVals',
  'timeSeriesStamp',
  'timeSeriesVal',
];

/** Leaves out what is not used, and minifies the rest. */
function withoutUnused(code) {
  let used = code;
  for (const [pattern, replacement] of UNUSED) {
    if (used.search(pattern) < 0) {
      throw new Error(`uPlot has no ${pattern} any more. Change UNUSED.`);
    }
    used = used.replaceAll(pattern, replacement);
  }
  for (const name of UNUSED_FUNCTIONS) {
    const definition = new RegExp(`^function ${name}\\([^]*?^}`, 'm');
    if (!definition.test(used)) {
      throw new Error(`uPlot has no function ${name} any more. Change UNUSED_FUNCTIONS.`);
    }
    used = used.replace(definition, `const ${name} = () => {};`);
  }
  const shaken = transformSync(used, { treeShaking: true, format: 'esm', legalComments: 'none' });
  const options = { ecma: 2022, module: true, mangle: { toplevel: true } };
  return minifySync(shaken.code, { ...options, compress: { ecma: 2022, passes: 3 } }).code;
}

const read = path => readFileSync(`${root}${path}`, 'utf8');

/** Returns the text of a vendored file, made from the installed package. */
export function vendoredText({ name, from, license, change = code => code }) {
  const { version } = JSON.parse(read(`node_modules/${name}/package.json`));
  const code = change(read(`node_modules/${name}/${from}`)).replace(
    /\n?\/\/# sourceMappingURL=.*\s*$/,
    '',
  );
  const changed = change === withoutUnused ? ', without unused parts' : '';
  return `/*! ${name} ${version}${changed}, ${license}: see licenses/${name}.txt */\n${code.trim()}\n`;
}

/** Returns the licence of an installed package. */
export function licenseText({ name }) {
  return read(`node_modules/${name}/LICENSE`).trimStart();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const library of VENDORED) {
    const { name } = library;
    writeFileSync(`${root}src/dashboard/assets/${name}.js`, vendoredText(library));
    writeFileSync(`${root}src/dashboard/licenses/${name}.txt`, licenseText(library));
  }
}
