// @ts-check
import { join } from 'node:path';
import { reloadUnderLoad, test, withoutOurs } from './applications.mjs';
import { StockProject } from './stock-project.mjs';

/** @typedef {import('./stock-project.mjs').Kind} Kind */

/**
 * @typedef {object} Toolchain
 * @property {string} name
 * @property {Kind} kind
 * @property {(project: StockProject) => Promise<string>} attempt
 */

const CJS = /** @type {const} */ ({ nest: 11, format: 'cjs' });
const ESM = /** @type {const} */ ({ nest: 12, format: 'esm' });

const NODE = process.execPath;

/** @param {readonly string[]} options */
const compiles =
  (...options) =>
  /** @param {StockProject} project */
  async project => {
    await project.run(['npx', 'tsc', '-p', 'tsconfig.build.json', '--noEmit', ...options]);
    return 'compiles';
  };

/**
 * For tools that emit no decorator metadata.
 *
 * @param {string} text of the controller
 */
const withInject = text =>
  text
    .replace('import { Controller, Get }', 'import { Controller, Get, Inject }')
    .replace('constructor(private', 'constructor(@Inject(AppService) private');

/** The variables of CommonJS, which Nest and its dependencies use. */
const MODULE_VARIABLES = [
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
  'const [__filename, __dirname] = [import.meta.filename, import.meta.dirname];',
].join('');

/** Packages that Nest and nestjs-cluster load if they are installed. */
const OPTIONAL = [
  '@nestjs/websockets',
  '@nestjs/microservices',
  '@nestjs/terminus',
  'class-validator',
  'class-transformer',
  'ioredis',
  'ws',
];

/**
 * Bundles the application with Nest and nestjs-cluster, and reloads it under load.
 *
 * @param {StockProject} project
 * @param {string} entry
 * @param {string} bundle the file to write
 * @param {readonly string[]} options of esbuild
 */
async function bundleAndReload(project, entry, bundle, ...options) {
  await project.install('esbuild');
  await project.run([
    'npx',
    'esbuild',
    entry,
    '--bundle',
    '--platform=node',
    '--keep-names',
    `--outfile=${bundle}`,
    ...OPTIONAL.flatMap(name => [`--external:${name}`, `--external:${name}/*`]),
    ...options,
  ]);
  return reloadUnderLoad(project, { command: [NODE, bundle] });
}

/** @type {readonly Toolchain[]} */
export const TOOLCHAINS = [
  {
    name: '`module: commonjs`, `moduleResolution: node10`',
    kind: CJS,
    attempt: compiles(
      '--module',
      'commonjs',
      '--moduleResolution',
      'node10',
      '--resolvePackageJsonExports',
      'false',
    ),
  },
  {
    name: '`moduleResolution: node16`',
    kind: CJS,
    attempt: compiles('--module', 'node16', '--moduleResolution', 'node16'),
  },
  {
    name: '`moduleResolution: nodenext`',
    kind: ESM,
    attempt: compiles('--module', 'nodenext', '--moduleResolution', 'nodenext'),
  },
  {
    name: '`moduleResolution: bundler`',
    kind: CJS,
    attempt: compiles('--module', 'esnext', '--moduleResolution', 'bundler'),
  },
  ...[CJS, ESM].map(kind => ({
    name: '`nest add nestjs-cluster`',
    kind,
    attempt: async project => {
      await project.edit('src/app.module.ts', withoutOurs);
      await project.run(['npx', 'nest', 'add', 'nestjs-cluster', '--skip-install']);
      await project.run(['npm', 'run', 'build']);
      return reloadUnderLoad(project);
    },
  })),
  {
    name: 'ts-node',
    kind: CJS,
    attempt: project =>
      reloadUnderLoad(project, { command: [NODE, '-r', 'ts-node/register', 'src/main.ts'] }),
  },
  {
    name: 'tsx, which emits no decorator metadata: with `--no-experimental-require-module` and `@Inject()`',
    kind: CJS,
    attempt: async project => {
      await project.install('tsx');
      await project.edit('src/app.controller.ts', withInject);
      return reloadUnderLoad(project, {
        command: [NODE, '--no-experimental-require-module', '--import', 'tsx', 'src/main.ts'],
      });
    },
  },
  {
    name: 'SWC builder of the Nest CLI',
    kind: CJS,
    attempt: async project => {
      await project.install('@swc/cli', '@swc/core');
      await project.run(['npx', 'nest', 'build', '-b', 'swc']);
      return reloadUnderLoad(project);
    },
  },
  {
    name: 'webpack builder of the Nest CLI',
    kind: CJS,
    attempt: async project => {
      await project.run(['npx', 'nest', 'build', '--webpack']);
      return reloadUnderLoad(project);
    },
  },
  {
    name: 'a bundle by esbuild, with Nest and nestjs-cluster in it',
    kind: CJS,
    attempt: async project => {
      await project.run(['npm', 'run', 'build']);
      return bundleAndReload(project, 'dist/main.js', 'bundle/main.js');
    },
  },
  {
    name: 'a CommonJS bundle by esbuild from TypeScript, with `@Inject()`',
    kind: CJS,
    attempt: async project => {
      await project.edit('src/app.controller.ts', withInject);
      return bundleAndReload(project, 'src/main.ts', 'bundle/main.js');
    },
  },
  {
    name: 'an ES module bundle by esbuild from TypeScript, with `@Inject()`',
    kind: CJS,
    attempt: async project => {
      await project.edit('src/app.controller.ts', withInject);
      const banner = `--banner:js=${MODULE_VARIABLES}`;
      return bundleAndReload(project, 'src/main.ts', 'bundle/main.mjs', '--format=esm', banner);
    },
  },
  {
    name: 'a Nest monorepo',
    kind: CJS,
    attempt: async project => {
      await project.run(['npx', 'nest', 'generate', 'app', 'second']);
      await project.run(['npx', 'nest', 'build', project.name]);
      return reloadUnderLoad(project, { command: [NODE, `dist/apps/${project.name}/main.js`] });
    },
  },
  {
    name: "pnpm's isolated `node_modules`",
    kind: CJS,
    attempt: async project => {
      await project.remove('node_modules', 'package-lock.json');
      await project.run(['npx', '--yes', 'pnpm@10', 'install', '--no-frozen-lockfile']);
      await project.run(['npx', '--yes', 'pnpm@10', 'run', 'build']);
      return reloadUnderLoad(project);
    },
  },
  {
    name: "Yarn Plug'n'Play",
    kind: CJS,
    attempt: async project => {
      await project.remove('node_modules', 'package-lock.json');
      const yarn = ['npx', '--yes', '@yarnpkg/cli-dist@4'];
      await project.write('yarn.lock', '');
      await project.write('.yarnrc.yml', 'nodeLinker: pnp\nenableImmutableInstalls: false\n');
      await project.run([...yarn, 'install']);
      await project.run([...yarn, 'run', 'build']);
      return reloadUnderLoad(project, {
        command: [NODE, '--require', './.pnp.cjs', 'dist/main.js'],
      });
    },
  },
  {
    name: 'Jest 29',
    kind: CJS,
    attempt: async project => {
      // Otherwise, packages that Jest 30 has installed for ts-jest are missing.
      await project.remove('node_modules', 'package-lock.json');
      await project.install('jest@29', '@types/jest@29');
      return test(project);
    },
  },
  {
    name: 'Vitest 4',
    kind: ESM,
    attempt: test,
  },
  {
    name: '`node:test`',
    kind: CJS,
    attempt: async project => {
      await project.run(['npm', 'run', 'build']);
      await project.write('test/app.test.js', NODE_TEST);
      await project.run([NODE, '--test', 'test/app.test.js']);
      return 'passed';
    },
  },
];

const NODE_TEST = `
const assert = require('node:assert/strict');
const { after, before, it } = require('node:test');
const { Test } = require('@nestjs/testing');
const { AppModule } = require('../dist/app.module');

let app;
before(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = module.createNestApplication();
  await app.listen(0);
});
after(() => app.close());

it('answers', async () => {
  const response = await fetch(await app.getUrl());
  assert.equal(await response.text(), 'Hello World!');
});
`;

/**
 * @param {Toolchain} toolchain
 * @param {string} directory
 * @param {import('./stock-project.mjs').Generators} generators
 * @param {string} tarball
 */
export async function tryToolchain({ name, kind, attempt }, directory, generators, tarball) {
  const home = join(
    directory,
    `${kind.format}-${kind.nest}-${name}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 32)
      .replace(/-$/, ''),
  );
  const project = await StockProject.create(home, kind, generators, tarball);
  await project.install();
  return attempt(project);
}
