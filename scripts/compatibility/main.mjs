// @ts-check
/**
 * `npm run compatibility`: tries this package in applications that `nest new` generates, and writes the results to
 * `docs/compatibility.md`. It needs the registry, and takes about half an hour. Arguments select rows by parts of
 * their names; the other rows then keep the results of earlier runs, which are in `results.json`.
 */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KINDS, tryApplication } from './applications.mjs';
import { packOurs } from './package.mjs';
import { run } from './run.mjs';
import { Generators } from './stock-project.mjs';
import { TOOLCHAINS, tryToolchain } from './toolchains.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = `${root}docs/compatibility.md`;
const RECORD = fileURLToPath(new URL('results.json', import.meta.url));
const FORMATS = { cjs: 'CommonJS', esm: 'ES modules' };
const ADAPTERS = { express: 'Express', fastify: 'Fastify' };

/** @typedef {Record<string, string>} Results from the name of a column to the result */
/** @typedef {{ name: string, attempt: () => Promise<Results> }} Row */

const wanted = process.argv.slice(2);
const directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-compatibility-')));
let failures = 0;
try {
  const tarball = await packOurs(directory);
  const generators = await Generators.install(directory);
  /** @type {Record<'applications' | 'toolchains', Row[]>} */
  const tables = {
    applications: KINDS.map(kind => ({
      name: `Nest ${kind.nest}, ${FORMATS[kind.format]}, ${ADAPTERS[kind.adapter ?? 'express']}`,
      attempt: () => steps(tryApplication(kind, directory, generators, tarball)),
    })),
    toolchains: TOOLCHAINS.map(toolchain => ({
      name: `${toolchain.name} (Nest ${toolchain.kind.nest}, ${FORMATS[toolchain.kind.format]})`,
      attempt: async () => ({
        result: await tryToolchain(toolchain, directory, generators, tarball),
      }),
    })),
  };
  for (const row of [...tables.applications, ...tables.toolchains]) {
    if (wanted.length === 0 || wanted.some(part => row.name.includes(part))) {
      await record(row.name, await attempt(row));
    }
  }
  const results = await recorded();
  const [applications, toolchains] = [tables.applications, tables.toolchains].map(rows =>
    table(rows.map(({ name }) => [name, results[name] ?? { run: 'not yet' }])),
  );
  await writeFile(
    PAGE,
    withResults(await readFile(PAGE, 'utf8'), describe(applications ?? '', toolchains ?? '')),
  );
  await run(root, ['npx', 'prettier', '--write', PAGE, RECORD]);
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;

/** @returns {Promise<Record<string, Results>>} */
async function recorded() {
  return JSON.parse(await readFile(RECORD, 'utf8'));
}

/**
 * @param {string} name
 * @param {Results} results
 */
async function record(name, results) {
  const when = `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}`;
  const all = { ...(await recorded()), [name]: { ...results, run: when } };
  await writeFile(RECORD, JSON.stringify(all, undefined, 2));
}

/**
 * @param {Row} row
 * @returns {Promise<Results>}
 */
async function attempt(row) {
  console.log(`${row.name} ...`);
  try {
    const results = await row.attempt();
    console.log(results);
    return results;
  } catch (error) {
    failures++;
    console.error(error);
    return { result: '**failed**' };
  }
}

/** @param {AsyncIterable<[step: string, result: string]>} all */
async function steps(all) {
  /** @type {Results} */
  const results = {};
  for await (const [step, result] of all) {
    results[step] = result;
  }
  return results;
}

/**
 * @param {string} applications
 * @param {string} toolchains
 */
function describe(applications, toolchains) {
  return `
Each row is a project as \`nest new\` generates it, with \`ClusterModule.forRoot()\` added to the imports of its \`AppModule\` and nothing
else changed. \`npm install\` runs without flags. "Reload under load" starts the application with two workers, reloads it three times under load
with \`npx nestjs-cluster verify\`, and stops it. The check fails if a request is lost or a process is left.

${applications}

### Toolchains and test runners

${toolchains}
`;
}

/**
 * @param {string} text text of the page
 * @param {string} section
 */
function withResults(text, section) {
  const [before = '', , after = ''] = text.split(
    /(?<=<!-- results -->)|(?=<!-- end of results -->)/,
  );
  return `${before}\n${section}\n${after}`;
}

/** @param {[string, Results][]} rows */
function table(rows) {
  const columns = [...new Set(rows.flatMap(([, results]) => Object.keys(results)))];
  const lines = rows.map(([name, results]) => [
    name,
    ...columns.map(column => results[column] ?? ''),
  ]);
  return [['', ...columns], ['', ...columns].map(() => '---'), ...lines]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n');
}
