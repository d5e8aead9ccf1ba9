// @ts-check
/**
 * `npm run compatibility:open-source`: adds this package to a real application of Nest 11 with PostgreSQL,
 * brocoders/nestjs-boilerplate, and reloads it under load. It needs `git`, the registry, and a server in
 * `DATABASE_HOST`, `DATABASE_PORT`, `DATABASE_USERNAME`, `DATABASE_PASSWORD` and `DATABASE_NAME`. An argument is
 * another repository to clone.
 */
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.mjs';
import { addToImports, packOurs } from './package.mjs';
import { run } from './run.mjs';

const [repository = 'https://github.com/brocoders/nestjs-boilerplate'] = process.argv.slice(2);
const directory = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-cluster-open-source-')));
const project = join(directory, 'app');
const port = await freePort();

/** @param {string[]} command */
const inProject = (...command) => run(project, command, { ...database(), CLUSTER_WORKERS: '2' });

try {
  await step('clone', () =>
    run(directory, ['git', 'clone', '--quiet', '--depth', '1', repository, project]),
  );
  console.log((await run(project, ['git', 'log', '-1', '--format=%h of %cs'])).trim());
  await step('install', async () => {
    const tarball = await packOurs(directory);
    await inProject('npm', 'ci', '--no-audit', '--no-fund');
    await inProject('npm', 'install', '--no-audit', '--no-fund', tarball);
  });
  await step('import', () =>
    addToImports(join(project, 'src/app.module.ts'), 'ClusterModule', 'nestjs-cluster'),
  );
  await step('build', () => inProject('npm', 'run', 'build'));
  await step('migrate', async () => {
    await writeFile(join(project, '.env'), await environmentFile());
    await inProject('npm', 'run', 'migration:run');
    await inProject('npm', 'run', 'seed:run:relational');
  });
  await writeFile(
    join(project, 'login.json'),
    JSON.stringify({ email: 'admin@example.com', password: 'secret' }),
  );
  console.log(
    await inProject(
      'npx',
      'nestjs-cluster-verify',
      '--reloads=5',
      '--requests=5000',
      `--url=http://127.0.0.1:${port}`,
      '--path=/',
      '--upload-path=/api/v1/auth/email/login',
      '--upload-file=login.json',
      '--upload-type=application/json',
      '--',
      process.execPath,
      'dist/main.js',
    ),
  );
} finally {
  await rm(directory, { recursive: true, force: true });
}

/**
 * @param {string} name
 * @param {() => Promise<unknown>} action
 */
async function step(name, action) {
  const startedAt = performance.now();
  await action();
  console.log(`${name}: ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
}

/** The example environment of the application, with the given database and port. */
async function environmentFile() {
  const example = await readFile(join(project, 'env-example-relational'), 'utf8');
  return Object.entries({ ...database(), APP_PORT: String(port) }).reduce(
    (text, [name, value]) =>
      text.replace(new RegExp(`^${name}=.*$`, 'm'), () => `${name}=${value}`),
    example,
  );
}

function database() {
  return Object.fromEntries(
    ['HOST', 'PORT', 'USERNAME', 'PASSWORD', 'NAME'].map(name => [
      `DATABASE_${name}`,
      process.env[`DATABASE_${name}`] ?? '',
    ]),
  );
}
