// @ts-check
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { writeChanged, writeJson } from '../write-changed.mjs';

const LOADER_SOURCE = fileURLToPath(new URL('load-bundle.mjs', import.meta.url));
const WARMER = fileURLToPath(new URL('warm-bundle.mjs', import.meta.url));

/** The copy of `load-bundle.mjs` beside the bundle. */
const LOADER = 'load-bundle.js';

/**
 * The imports of the applications under test and of this package: Nest, RxJS, and packages that inject classes of
 * Nest.
 */
const ENTRY_POINTS = {
  '@nestjs/bullmq/index': '@nestjs/bullmq',
  '@nestjs/cache-manager/index': '@nestjs/cache-manager',
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
  '@apollo/gateway',
  '@apollo/server',
  '@apollo/server/*',
  '@apollo/subgraph',
  '@apollo/subgraph/*',
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
  'bullmq',
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
 * Bundles Nest into one file. A process loads it in a third of the time of several hundred files, and the tests start a
 * thousand processes. `warm-bundle.mjs` saves the code that V8 compiles for it.
 *
 * @param {string} from the directory of the installed packages
 * @param {string} modules the directory of the bundle
 */
export async function bundleNest(from, modules) {
  const key = await keyOf(from);
  const keyFile = join(modules, 'bundle.key');
  if (key === (await readFile(keyFile, 'utf8').catch(() => undefined))) {
    return;
  }
  const entryPoints = installedEntryPoints(from);
  await removeCompiled(modules);
  await writeChanged(join(modules, 'bundle.cjs'), await bundle(from, Object.values(entryPoints)));
  await writeChanged(join(modules, LOADER), await readFile(LOADER_SOURCE, 'utf8'));
  await writeFacades(modules, entryPoints, await warmBundle(modules));
  await writeManifests(from, modules, Object.keys(entryPoints));
  // Last: without it, an interrupted run is repeated.
  await writeFile(keyFile, key);
}

/**
 * What the bundle depends on: the installed packages, the version of Node, and these modules.
 *
 * @param {string} from
 */
async function keyOf(from) {
  const files = [
    join(from, 'node_modules/.package-lock.json'),
    fileURLToPath(import.meta.url),
    LOADER_SOURCE,
    WARMER,
  ];
  const hash = createHash('sha256').update(process.version);
  for (const file of files) {
    hash.update(await readFile(file));
  }
  return hash.digest('hex');
}

/**
 * V8 would accept the compiled code of another bundle of the same length.
 *
 * @param {string} modules
 */
async function removeCompiled(modules) {
  const files = await readdir(modules).catch(() => []);
  const compiled = files.filter(file => file.endsWith('.cache'));
  await Promise.all(compiled.map(file => rm(join(modules, file))));
}

/**
 * @param {string} from
 * @param {readonly string[]} packages
 * @returns the code of the bundle
 */
async function bundle(from, packages) {
  const rxjs = join(from, 'node_modules/rxjs/dist/esm');
  const { outputFiles } = await build({
    absWorkingDir: from,
    stdin: { contents: evaluatorsOf(packages), resolveDir: from },
    write: false,
    bundle: true,
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    alias: { rxjs: join(rxjs, 'index.js'), 'rxjs/operators': join(rxjs, 'operators/index.js') },
    external: [...OPTIONAL, ...UNBUNDLED],
    define: { 'import.meta.url': 'bundleUrl' },
    // Node 20 does not know which script calls `import()` if the script comes from a cache.
    supported: { 'dynamic-import': false },
    // `load-bundle.mjs` calls this function.
    banner: {
      js: `(function (exports, require, module, __filename, __dirname) {
        const bundleUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '})' },
    logLevel: 'warning',
  });
  return outputFiles.map(({ text }) => text).join('');
}

/**
 * The code of a module that exports a function for each package, which evaluates it.
 *
 * @param {readonly string[]} packages
 */
function evaluatorsOf(packages) {
  const entries = packages.map(name => `'${name}': () => require('${name}'),`);
  return `module.exports = { ${entries.join(' ')} };`;
}

/**
 * @param {string} modules
 * @returns {Promise<Readonly<Record<string, readonly string[]>>>} the names that each package exports
 */
async function warmBundle(modules) {
  const { stdout } = await promisify(execFile)(process.execPath, [WARMER], { cwd: modules });
  return JSON.parse(stdout);
}

/**
 * Modules that export what the packages in the bundle export.
 *
 * @param {string} modules
 * @param {Readonly<Record<string, string>>} entryPoints
 * @param {Readonly<Record<string, readonly string[]>>} names
 */
async function writeFacades(modules, entryPoints, names) {
  await Promise.all(
    Object.entries(entryPoints).map(([entry, name]) => {
      const up = '../'.repeat(entry.split('/').length - 1);
      return writeChanged(
        join(modules, `${entry}.js`),
        `import { packages } from '${up}${LOADER}';\n` +
          `export const { ${names[name]?.join(', ')} } = packages['${name}']();\n`,
      );
    }),
  );
}

/**
 * @param {string} from
 * @param {string} modules
 * @param {readonly string[]} entries
 */
async function writeManifests(from, modules, entries) {
  const names = new Set(entries.map(entry => packageOf(entry)));
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
      await writeJson(join(modules, name, 'package.json'), manifest);
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

/** @param {string} entry */
function packageOf(entry) {
  return entry
    .split('/')
    .slice(0, entry.startsWith('@') ? 2 : 1)
    .join('/');
}
