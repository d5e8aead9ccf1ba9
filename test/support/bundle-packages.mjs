// @ts-check
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { namedExports } from './nest/named-exports.mjs';
import { NEST } from './nest/nest-versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The imports of the applications under test and of this package: Nest, RxJS, and packages that inject classes of
 * Nest.
 */
const ENTRY_POINTS = {
  '@nestjs/common/index': '@nestjs/common',
  '@nestjs/config/index': '@nestjs/config',
  '@nestjs/core/index': '@nestjs/core',
  '@nestjs/core/errors/exceptions-zone': '@nestjs/core/errors/exceptions-zone.js',
  '@nestjs/event-emitter/index': '@nestjs/event-emitter',
  '@nestjs/apollo/index': '@nestjs/apollo',
  '@nestjs/cqrs/index': '@nestjs/cqrs',
  '@nestjs/graphql/index': '@nestjs/graphql',
  '@nestjs/mercurius/index': '@nestjs/mercurius',
  '@nestjs/microservices/index': '@nestjs/microservices',
  '@nestjs/platform-express/index': '@nestjs/platform-express',
  '@nestjs/platform-fastify/index': '@nestjs/platform-fastify',
  '@nestjs/platform-socket.io/index': '@nestjs/platform-socket.io',
  '@nestjs/platform-ws/index': '@nestjs/platform-ws',
  '@nestjs/schedule/index': '@nestjs/schedule',
  '@nestjs/terminus/index': '@nestjs/terminus',
  '@nestjs/throttler/index': '@nestjs/throttler',
  '@nestjs/websockets/index': '@nestjs/websockets',
  'nestjs-pino/index': 'nestjs-pino',
  'rxjs/index': 'rxjs',
};

/** Packages that Nest loads if they are installed. */
const OPTIONAL = [
  '@apollo/*',
  '@as-integrations/*',
  '@fastify/*',
  '@grpc/*',
  '@mercuriusjs/*',
  '@mikro-orm/*',
  '@nats-io/*',
  '@nestjs/axios',
  '@nestjs/mongoose',
  '@nestjs/sequelize',
  '@nestjs/swagger',
  '@nestjs/typeorm',
  'amqp-connection-manager',
  'amqplib',
  'bufferutil',
  'class-transformer',
  'class-validator',
  'file-type',
  'graphql',
  'graphql-subscriptions',
  'graphql-ws',
  'ioredis',
  'kafkajs',
  'mercurius',
  'mongoose',
  'mqtt',
  'nats',
  'sequelize',
  'socket.io',
  'ts-morph',
  'typeorm',
  'utf-8-validate',
];

/** These start threads from their own files. */
const UNBUNDLED = ['pino', 'pino-http'];

/**
 * Puts the packages that the applications of the tests import below their directory: a copy of this package, and
 * Nest of this version.
 *
 * @param {import('./nest/nest-versions.mjs').NestVersion} nest
 */
export async function providePackages(nest = '12') {
  const { packages, apps, modules, isBundled } = NEST[nest];
  await (isBundled ? bundleNest(packages, modules) : linkPackages(packages, modules));
  await copyOwnPackage(join(modules, 'nestjs-cluster'));
  // It needs its own name. Otherwise `nestjs-cluster` would be the package that contains the directory.
  await mkdir(apps, { recursive: true });
  await writeChanged(join(apps, 'package.json'), { name: 'fixtures', type: 'module' });
  await linkOnce(modules, join(apps, 'node_modules'));
}

/**
 * Bundles Nest into few files. A process loads them in half the time of several hundred files, and the tests start a
 * thousand processes.
 *
 * @param {string} from the directory of the installed packages
 * @param {string} modules
 */
async function bundleNest(from, modules) {
  const rxjs = join(from, 'node_modules/rxjs/dist/esm');
  const entryPoints = installedEntryPoints(from);
  await build({
    absWorkingDir: from,
    entryPoints,
    outdir: modules,
    bundle: true,
    splitting: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: { rxjs: join(rxjs, 'index.js'), 'rxjs/operators': join(rxjs, 'operators/index.js') },
    external: [...OPTIONAL, ...UNBUNDLED],
    plugins: [namedExports(from)],
    // For the CommonJS dependencies of Nest.
    banner: {
      js: "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const names = new Set(Object.keys(entryPoints).map(entry => packageOf(entry)));
  await Promise.all(
    [...names].map(async name => {
      const original = join(from, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(await readFile(original, 'utf8'));
      const exports = {
        '.': './index.js',
        './package.json': './package.json',
        './*': './*',
      };
      const manifest = { name, version, type: 'module', main: 'index.js', exports };
      await writeChanged(join(modules, name, 'package.json'), manifest);
    }),
  );
}

/**
 * Not every version of Nest has all of these packages.
 *
 * @param {string} from the directory of the installed packages
 * @returns {Record<string, string>}
 */
function installedEntryPoints(from) {
  const isInstalled = (/** @type {string} */ entry) =>
    existsSync(join(from, 'node_modules', packageOf(entry)));
  return Object.fromEntries(Object.entries(ENTRY_POINTS).filter(([entry]) => isInstalled(entry)));
}

/**
 * Packages as they are published.
 *
 * @param {string} from the directory of the installed packages
 * @param {string} modules
 */
async function linkPackages(from, modules) {
  const { dependencies } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await linkOnce(join(from, 'node_modules', name), join(modules, name));
  }
}

/** @param {string} entry */
function packageOf(entry) {
  return entry
    .split('/')
    .slice(0, entry.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Not a link: Node would resolve imports from the location of the original.
 *
 * @param {string} to
 */
export async function copyOwnPackage(to) {
  await rm(to, { recursive: true, force: true });
  await cp(join(root, 'dist'), join(to, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(to, 'package.json'));
}

/**
 * @param {string} file
 * @param {object} content
 */
export async function writeChanged(file, content) {
  const text = JSON.stringify(content);
  if (text !== (await readFile(file, 'utf8').catch(() => undefined))) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

/**
 * @param {string} target
 * @param {string} path
 */
export async function linkOnce(target, path) {
  await symlink(target, path).catch(error => {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  });
}
