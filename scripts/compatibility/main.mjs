// @ts-check
/**
 * `npm run compatibility`: tries this package in applications that `nest new` generates, and writes the results to
 * `docs/compatibility.md`. It needs the registry, and takes about half an hour. Arguments select rows by parts of
 * their names; then nothing is written.
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
const FORMATS = { cjs: 'CommonJS', esm: 'ES modules' };
const ADAPTERS = { express: 'Express', fastify: 'Fastify' };

const wanted = process.argv.slice(2);
const directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-compatibility-')));
let failures = 0;
try {
  const tarball = await packOurs(directory);
  const generators = await Generators.install(directory);
  const applications = await tryAll(
    KINDS.map(kind => ({
      name: `Nest ${kind.nest}, ${FORMATS[kind.format]}, ${ADAPTERS[kind.adapter ?? 'express']}`,
      attempt: () => steps(tryApplication(kind, directory, generators, tarball)),
    })),
  );
  const toolchains = await tryAll(
    TOOLCHAINS.map(toolchain => ({
      name: `${toolchain.name} (Nest ${toolchain.kind.nest}, ${FORMATS[toolchain.kind.format]})`,
      attempt: async () => ({
        result: await tryToolchain(toolchain, directory, generators, tarball),
      }),
    })),
  );
  if (wanted.length === 0) {
    await writeFile(
      PAGE,
      withResults(await readFile(PAGE, 'utf8'), describe(applications, toolchains)),
    );
    await run(root, ['npx', 'prettier', '--write', PAGE]);
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}
process.exitCode = failures > 0 ? 1 : 0;

/** @typedef {Record<string, string>} Results */

/**
 * @param {readonly { name: string, attempt: () => Promise<Results> }[]} rows
 * @returns {Promise<[name: string, results: Results][]>}
 */
async function tryAll(rows) {
  /** @type {[string, Results][]} */
  const done = [];
  for (const { name, attempt } of rows) {
    if (wanted.length > 0 && !wanted.some(part => name.includes(part))) {
      continue;
    }
    console.log(`${name} ...`);
    try {
      const results = await attempt();
      console.log(results);
      done.push([name, results]);
    } catch (error) {
      failures++;
      console.error(error);
      done.push([name, { result: '**failed**' }]);
    }
  }
  return done;
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
 * @param {[string, Results][]} applications
 * @param {[string, Results][]} toolchains
 */
function describe(applications, toolchains) {
  return `
Each row is a project as \`nest new\` generates it, with \`ClusterModule.forRoot()\` added to the imports of its \`AppModule\` and nothing
else changed. \`npm install\` is without flags. "Reload under load" starts the application with two workers, reloads it three times under load
with \`nestjs-cluster-verify\`, and stops it: no request is lost, and no process is left. The last run was on
${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node} on ${process.platform}.

${table(applications)}

### Toolchains and test runners

${table(toolchains)}
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
