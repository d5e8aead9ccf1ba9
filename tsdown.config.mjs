import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'tsdown';
import ts from 'typescript';
import { packAssets } from './scripts/dashboard-assets.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The names under which `exports` has what applications import, and the modules. */
const ENTRY_POINTS = {
  index: 'index',
  cqrs: 'cqrs/index',
  dashboard: 'dashboard/index',
  graphql: 'graphql/index',
  health: 'health/index',
  metrics: 'metrics/index',
  'event-emitter': 'event-emitter/index',
  'socket.io': 'socket.io/index',
  ws: 'ws/index',
  throttler: 'throttler/index',
  cache: 'cache/index',
  session: 'session/index',
  schedule: 'schedule/index',
};

/** What Node loads itself, without exports. */
const COMMANDS = {
  start: 'build/start/index.js',
  'light-primary': 'build/start/light-primary.js',
  'cli/main': 'build/cli/main.js',
  'cli/verify/main': 'build/cli/verify/main.js',
};

const PRELOADED = { 'cli/verify/preload': 'build/cli/verify/preload.cjs' };

const LUA = "new URL('./lua/', import.meta.url)";

/** The file with all Lua scripts, which the files of both formats load. */
const LUA_FILE = './lua.cjs';

/** The scripts of a directory, without comments and indentation. */
function scriptsOf(directory) {
  const scripts = readdirSync(directory).map(file => [
    file.replace(/\.lua$/, ''),
    readFileSync(`${directory}${file}`, 'utf8').replaceAll(/^\s*--.*\n|^\s+/gm, ''),
  ]);
  return Object.fromEntries(scripts);
}

/** From the directory of scripts to their texts. */
const luaScripts = {};

/** Puts the Lua scripts into one file: a directory of them becomes an object with their texts. */
const shareLua = {
  name: 'share-lua',
  resolveId: {
    filter: { id: /^\.\/lua\.cjs$/ },
    handler: id => ({ id, external: true }),
  },
  transform: {
    filter: { code: LUA },
    handler(code, id) {
      const directory = id.replace(/[^/]+$/, 'lua/');
      const name = directory.slice(`${root}build/`.length);
      luaScripts[name] = scriptsOf(directory);
      return [
        `import luaScripts from '${LUA_FILE}';`,
        code.replace(LUA, `luaScripts[${JSON.stringify(name)}]`),
      ].join('\n');
    },
  },
  writeBundle() {
    // The modules come in any order, and the package must be the same each time.
    const names = Object.keys(luaScripts).toSorted();
    const sorted = Object.fromEntries(names.map(name => [name, luaScripts[name]]));
    return writeFile(`${root}dist/${LUA_FILE}`, `module.exports = ${JSON.stringify(sorted)};\n`);
  },
};

const ENTRY = 'entry:';

/** Has each entry point export what the first copy of this package exports: see `src/bootstrap/package-copy.ts`. */
const shareEntries = {
  name: 'share-entries',
  resolveId: {
    filter: { id: /^entry:/ },
    handler: id => id,
  },
  load: {
    filter: { id: /^entry:/ },
    async handler(id) {
      const name = id.slice(ENTRY.length);
      const file = `${root}build/${ENTRY_POINTS[name]}.js`;
      const names = Object.keys(await import(file));
      return [
        `import * as own from ${JSON.stringify(file)};`,
        `import { sharedEntry } from ${JSON.stringify(`${root}build/bootstrap/package-copy.js`)};`,
        // With names of their own: otherwise, the bundler renames the classes, and error messages contain their names.
        `const { ${names.map(each => `${each}: shared_${each}`).join(', ')} } = sharedEntry('${name}', own);`,
        `export { ${names.map(each => `shared_${each} as ${each}`).join(', ')} };`,
      ].join('\n');
    },
  },
};

/** Removes members of classes that are marked as internal: what only they need is left out with them. */
const stripInternal = {
  name: 'strip-internal',
  transform: {
    order: 'pre',
    filter: { id: /\.d\.ts$/, code: '@internal' },
    handler(code, id) {
      const source = ts.createSourceFile(id, code, ts.ScriptTarget.Latest, true);
      const internal = source.statements
        .filter(statement => ts.isClassDeclaration(statement))
        .flatMap(({ members }) => members)
        .filter(member => member.getFullText().includes('@internal'));
      return internal.reduceRight(
        (text, member) => text.slice(0, member.getFullStart()) + text.slice(member.end),
        code,
      );
    },
  },
};

/** The bundler marks the module that each piece of code comes from. */
const stripRegions = {
  name: 'strip-regions',
  renderChunk: chunk => chunk.replaceAll(/^\/\/#(end)?region.*\n/gm, ''),
};

/**
 * Removes the `require()` that the bundler adds for ES modules, and that no code uses. A CommonJS bundle of an
 * application cannot load it, because `import.meta.url` is undefined there.
 */
const dropRuntimeRequire = {
  name: 'drop-runtime-require',
  renderChunk: (chunk, { name }) =>
    name === 'rolldown-runtime'
      ? chunk.replaceAll(
          /^(import { createRequire } from "node:module"|var __require = .*);\n/gm,
          '',
        )
      : null,
};

/** The modules with which each role begins. They are loaded when the role of the process is known. */
const ROLES = {
  primary: 'supervisor/run-primary',
  application: 'application/application-module',
  worker: 'worker/worker-runtime',
  single: 'single/single-runtime',
};

/** Whether Node runs the module. Its own file is run once; a chunk with it might be loaded by others. */
const isProgram = id => Object.values(COMMANDS).some(file => id === `${root}${file}`);

/** The modules with which a process begins that does not load the application, or has not loaded it yet. */
const STARTS = [
  'start/start-host',
  'start/light-primary',
  'start/supervise-passed',
  'start/early-worker',
];

/** What a module loads, with what that loads. It is computed once, and kept in `known`. */
function closure(known, name, next, context) {
  const loaded = known.get(name) ?? new Set([`${root}build/${name}.js`]);
  if (!known.has(name)) {
    known.set(name, loaded);
    for (const each of loaded) {
      const info = context.getModuleInfo(each);
      (info ? next(info) : []).forEach(imported => loaded.add(imported));
    }
  }
  return loaded;
}

/** The roles whose first module loads the given one. */
const rolesWith = (isLoaded, id, context) =>
  Object.keys(ROLES).filter(role => isLoaded(ROLES[role], id, context));

/**
 * What others need without the rest of its chunk: the command line without the control of a primary, and a primary that has
 * not loaded the application.
 */
const NEEDED_ALONE = ['control/launch-directories', 'state/is-internal'];

/** What only these roles share is so large that the others should not load it. */
const LARGE = ['primary-single', 'worker-single'];

/**
 * Puts what an import of the package loads into two chunks: `base` for processes without the application, too, and `common`
 * for the others. Each role has a chunk of its own. A file costs a process more than the few kilobytes that it could do
 * without: so what roles share with each other, or with an entry point, is in one more chunk, `roles`, unless it is large,
 * and in `common` if the primary does not need it. A chunk takes everything that its modules import with it, so that those
 * with the most users come first.
 */
function chunksByRole() {
  const loadedBy = new Map();
  const loadedEventually = new Map();

  /** Whether a module is loaded as soon as the other one is. */
  const isLoadedBy = (name, id, context) =>
    closure(loadedBy, name, ({ importedIds }) => importedIds, context).has(id);
  /** Whether a module is loaded with the other one, or later when it is needed. */
  const isLoadedEventually = (name, id, context) =>
    closure(
      loadedEventually,
      name,
      ({ importedIds, dynamicallyImportedIds }) => [...importedIds, ...dynamicallyImportedIds],
      context,
    ).has(id);
  const { index, ...features } = ENTRY_POINTS;
  const isLoadedByStart = (id, context) => STARTS.some(name => isLoadedBy(name, id, context));
  const isShared = (id, context) => {
    const roles = rolesWith(isLoadedEventually, id, context);
    return (
      (roles.length > 1 && !LARGE.includes(roles.join('-'))) ||
      Object.values(features).some(name => isLoadedEventually(name, id, context))
    );
  };
  const base = (id, context) =>
    NEEDED_ALONE.some(name => id === `${root}build/${name}.js`) ||
    (isLoadedBy(index, id, context) && isLoadedByStart(id, context))
      ? 'base'
      : null;
  const ofPrimaryAndOthers = (id, context) =>
    !isLoadedBy(index, id, context) &&
    isLoadedBy(ROLES.primary, id, context) &&
    isShared(id, context)
      ? 'roles'
      : null;
  const common = (id, context) =>
    isLoadedBy(index, id, context) ||
    (rolesWith(isLoadedBy, id, context).length > 0 && isShared(id, context))
      ? 'common'
      : null;
  const ofRoles = (id, context) => rolesWith(isLoadedBy, id, context).join('-') || null;
  return [
    { name: base, priority: 5 },
    // Before `common`, which a primary without the application must not load with it.
    { name: ofPrimaryAndOthers, priority: 4 },
    { name: common, priority: 3 },
    {
      name: (id, context) => LARGE.find(name => name === ofRoles(id, context)) ?? null,
      priority: 2,
    },
    { name: ofRoles, priority: 1 },
    {
      name: id => (id.startsWith(`${root}build/cli/`) ? 'cli' : null),
      minShareCount: 2,
      priority: 0.5,
    },
    {
      name: (id, context) => (!isProgram(id) && isLoadedByStart(id, context) ? 'start' : null),
      priority: 0.5,
    },
    // A primary loads some of what is shared, and must not load this.
    { name: id => (id.startsWith(`${root}build/once/`) ? 'once' : null), priority: 0.5 },
    // A primary loads these when its workers have been forked.
    ...['control/primary', 'supervisor/inspection'].map(path => ({
      name: id =>
        id.startsWith(`${root}build/${path}/`)
          ? `${path.replace(/(\/primary|supervisor\/)/, '')}-primary`
          : null,
      priority: 0.5,
    })),
    // Only processes with Redis load its scripts.
    {
      name: id =>
        /\/build\/state\/backends\/redis\/(state-script|scan-keys)\.js$/.test(id) ? 'redis' : null,
      priority: 0.5,
    },
    { name: 'shared', minShareCount: 2, priority: 0 },
  ];
}

/**
 * Loads all code of this package at once. A test runner that resets its modules would load what comes later a second
 * time, with other injection tokens.
 */
const loadAtOnce = {
  name: 'load-at-once',
  transform: {
    filter: { code: /\bimport\(['"]\./ },
    handler(code) {
      const imports = [];
      const changed = code.replaceAll(/\bimport\((['"]\.[^'"]+['"])\)/g, (_, file) => {
        const name = `loaded_${imports.length}`;
        imports.push(`import * as ${name} from ${file};`);
        return `Promise.resolve(${name})`;
      });
      return [...imports, changed].join('\n');
    },
  },
};

const shared = {
  cwd: root,
  outDir: 'dist',
  platform: 'node',
  target: 'node20.19',
  dts: false,
  report: false,
  logLevel: 'error',
  inputOptions: { external: /^(?!entry:)[^./]/ },
};

const code = {
  ...shared,
  // Calls such as `decodeURIComponent(text)` may be there for the errors that they throw. Bundlers remove them.
  treeshake: false,
  plugins: [shareLua, shareEntries, stripRegions],
  define: { BUILT_VERSION: JSON.stringify(version) },
};

/** Classes keep their names, which error messages contain, and functions, which stacks contain. Nothing is left out. */
const minify = keepNames => ({
  compress: { unused: false, keepNames },
  mangle: { toplevel: true, keepNames },
});

const entryPoints = Object.fromEntries(
  Object.keys(ENTRY_POINTS).map(name => [name, `${ENTRY}${name}`]),
);

export default defineConfig([
  {
    ...code,
    entry: { ...entryPoints, ...COMMANDS },
    format: 'esm',
    plugins: [...code.plugins, dropRuntimeRequire],
    minify: minify({ function: true, class: true }),
    copy: [{ from: 'src/dashboard/licenses', to: 'dist/dashboard' }],
    hooks: { 'build:done': () => packAssets(`${root}dist/dashboard/assets`) },
    outputOptions: { comments: false, codeSplitting: { groups: chunksByRole() } },
    outExtensions: () => ({ js: '.js' }),
  },
  {
    ...code,
    entry: { ...entryPoints, ...PRELOADED },
    format: 'cjs',
    plugins: [loadAtOnce, ...code.plugins],
    outputOptions: {
      comments: false,
      dynamicImportInCjs: false,
      codeSplitting: { groups: [{ name: 'common', minShareCount: 2 }] },
    },
    // Node itself always loads the ES modules. This format is for test runners and bundlers, so that it may be smaller.
    minify: minify({ function: false, class: true }),
    outExtensions: () => ({ js: '.cjs' }),
  },
  {
    ...shared,
    entry: Object.fromEntries(
      Object.entries(ENTRY_POINTS).map(([name, file]) => [name, `build/${file}.d.ts`]),
    ),
    format: 'esm',
    plugins: [stripInternal],
    dts: { dtsInput: true, emitDtsOnly: true },
    outExtensions: () => ({ dts: '.d.ts' }),
    hooks: { 'build:done': shareTypes },
  },
]);

/**
 * Turns the types into those of CommonJS, which both formats use: classes with private members from two files would be
 * different types.
 */
async function shareTypes() {
  const files = (await readdir(`${root}dist`)).filter(file => file.endsWith('.d.ts'));
  await Promise.all(
    files.map(async file => {
      const name = file.replace(/\.d\.ts$/, '');
      const types = await readFile(`${root}dist/${file}`, 'utf8');
      const converted = types.replaceAll(/(from "\.\/[^"]+)\.js"/g, '$1.cjs"');
      await writeFile(`${root}dist/${name}.d.cts`, converted);
      await (name in ENTRY_POINTS
        ? writeFile(`${root}dist/${file}`, `export * from './${name}.cjs';\n`)
        : rm(`${root}dist/${file}`));
    }),
  );
  // It is imported for its effect.
  await writeFile(`${root}dist/start.d.ts`, 'export {};\n');
}
