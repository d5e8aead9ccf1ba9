// @ts-check
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.mjs';
import { StockProject } from './stock-project.mjs';

/** @typedef {import('./stock-project.mjs').Kind} Kind */
/** @typedef {import('./stock-project.mjs').Generators} Generators */

/** The number of reloads under load, and the minimum number of requests. */
const LOAD = ['--reloads=3', '--requests=3000', '--keep-alive=16', '--one-shot=8', '--json'];

/** @type {readonly Kind[]} */
export const KINDS = /** @type {const} */ ([11, 12]).flatMap(nest =>
  /** @type {const} */ (['cjs', 'esm']).flatMap(format =>
    /** @type {const} */ (['express', 'fastify']).map(adapter => ({ nest, format, adapter })),
  ),
);

/**
 * The steps of a user with a new project: install, compile, test and run it, without Terminus and then with it.
 *
 * @param {Kind} kind
 * @param {string} directory
 * @param {Generators} generators
 * @param {string} tarball
 * @returns {AsyncGenerator<[step: string, result: string]>}
 */
export async function* tryApplication(kind, directory, generators, tarball) {
  const name = `${kind.format}-${kind.nest}-${kind.adapter}`;
  const project = await StockProject.create(join(directory, name), kind, generators, tarball);
  await project.install();
  yield ['npm install', 'done'];
  await project.run(['npm', 'run', 'build']);
  yield ['build', 'done'];
  yield ['tests', await runTests(project)];
  yield ['reload under load', await reloadUnderLoad(project)];
  await project.install(`@nestjs/terminus@^${kind.nest}.0.0`);
  await project.import('ClusterHealthModule', 'nestjs-cluster/health');
  await project.run(['npm', 'run', 'build']);
  yield ['with Terminus', await reloadUnderLoad(project, { path: '/health/ready' })];
}

/**
 * Runs the tests of the project. If they fail, runs them without this package too.
 *
 * @param {StockProject} project
 */
async function runTests(project) {
  try {
    return await test(project);
  } catch (error) {
    const root = await project.read('src/app.module.ts');
    await project.write('src/app.module.ts', withoutOurs(root));
    const failsAnyway = await test(project).then(
      () => false,
      () => true,
    );
    await project.write('src/app.module.ts', root);
    if (!failsAnyway) {
      throw error;
    }
    return `fail without nestjs-cluster, too (Node ${process.versions.node})`;
  }
}

/**
 * Runs the unit tests and the end-to-end tests of a project.
 *
 * @param {StockProject} project
 */
export async function test(project) {
  await project.run(['npm', 'test']);
  await project.run(['npm', 'run', 'test:e2e']);
  return 'passed';
}

/** @param {string} text of a module */
export function withoutOurs(text) {
  return text
    .replaceAll(/^import .* from 'nestjs-cluster.*\n/gm, '')
    .replaceAll(/Cluster\w*\.forRoot\(\), /g, '');
}

/**
 * Starts the application with two workers, reloads it under load, and stops it.
 *
 * @param {StockProject} project
 * @param {object} [options]
 * @param {string} [options.path] the path that is requested
 * @param {readonly string[]} [options.command] by default, the compiled application
 */
export async function reloadUnderLoad(
  project,
  { path = '/', command = [process.execPath, 'dist/main.js'] } = {},
) {
  const port = await freePort();
  const verify = fileURLToPath(new URL('../../dist/cli/verify/main.js', import.meta.url));
  const url = `--url=http://127.0.0.1:${port}`;
  const output = await project.run(
    [process.execPath, verify, ...LOAD, url, `--path=${path}`, '--', ...command],
    { PORT: String(port), CLUSTER_WORKERS: '2' },
  );
  /** @type {{ clients: Record<string, { answered: number }> }} */
  const { clients } = JSON.parse(output.slice(output.indexOf('{\n')));
  const answered = Object.values(clients).reduce((sum, client) => sum + client.answered, 0);
  return `0 of ${answered.toLocaleString('en')} lost`;
}
