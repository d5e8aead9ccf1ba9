import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path/posix';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import ts from 'typescript';
import type { HostStatus } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { type Consumer, Consumers, type Kind, type RunningConsumer } from './consumer.js';
import { nodeBinary } from '../support/node-binary.js';
import { Tarball } from './tarball.js';

/** In milliseconds: packages come from the registry, which takes time. */
const INSTALL_TIMEOUT = 300_000;

type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, Target>>;
  readonly main: string;
  readonly types: string;
  readonly typesVersions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

let directory: string;
let tarball: Tarball;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'nestjs-cluster-package-'));
  tarball = await Tarball.pack(directory);
}, INSTALL_TIMEOUT);

afterAll(() => rm(directory, { recursive: true, force: true }));

interface Compiled {
  readonly consumers: Consumers;
  readonly complaints: readonly string[];
}

let compiled: Promise<Compiled> | undefined;

/** Installed and compiled once: the compiler checks the types of the libraries for both kinds of modules. */
function compiledConsumers(): Promise<Compiled> {
  return (compiled ??= Consumers.install(tarball.path, directory).then(async consumers => ({
    consumers,
    // With `skipLibCheck`, it would report only errors in the files of the applications.
    complaints: await consumers.compile('--skipLibCheck', 'false'),
  })));
}

describe('the published package', () => {
  let files: string[];
  let manifest: Manifest;

  beforeAll(async () => {
    files = await tarball.files();
    manifest = await tarball.json<Manifest>('package.json');
  });

  it('has a README and a license', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
  });

  it('has nothing else but what is built', () => {
    const others = files.filter(file => !/^dist\/.*(\.c?js|\.d\.c?ts)$/.test(file));
    expect(others).toEqual([
      'LICENSE',
      'README.md',
      'dist/dashboard/assets/index.html',
      'dist/dashboard/assets/style.css',
      ...['htm', 'preact', 'uplot'].map(name => `dist/dashboard/licenses/${name}.txt`),
      'package.json',
      'schematics/collection.json',
      'schematics/nest-add.cjs',
      'schematics/nest-add.schema.json',
    ]);
  });

  it('has no tests in it', () => {
    expect(files.filter(file => /(^|\/)tests?\/|\.(spec|test)\./.test(file))).toEqual([]);
  });

  it('exports only files that are in it', () => {
    const { exports, main, types, typesVersions } = manifest;
    const targets = [
      ...filesOf(exports),
      main,
      types,
      ...Object.values(typesVersions['*']!).flat(),
    ];
    expect(targets).toEqual(
      expect.arrayContaining(['./dist/index.js', './dist/index.cjs', './dist/index.d.ts']),
    );
    expect(files).toEqual(expect.arrayContaining(targets.map(target => join(target))));
  });

  it('is small', async () => {
    expect(files.length).toBeLessThanOrEqual(150);
    expect((await stat(tarball.path)).size).toBeLessThanOrEqual(625_000);
  });

  it('has no finding of publint', async () => {
    const { messages } = await publint({ pkgDir: tarball.unpacked, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it('has types that every way to resolve modules finds, of the right format', async () => {
    const data = new Uint8Array(await readFile(tarball.path));
    // `/start` is for `node --import`, and cannot be loaded by `require()`.
    const result = await checkPackage(createPackageFromTarballData(data), {
      excludeEntrypoints: ['./start'],
    });
    expect('problems' in result && result.problems).toEqual([]);
  });

  it('has the tools that it promises, to be run by Node', async () => {
    const tools = Object.values(manifest.bin ?? {}).map(file => join(file));
    expect(tools).toEqual(['dist/cli/main.js', 'dist/cli/verify/main.js']);
    expect(files).toEqual(expect.arrayContaining(tools));
    const texts = await Promise.all(tools.map(tool => tarball.read(tool)));
    texts.forEach(text => expect(text).toMatch(/^#!\/usr\/bin\/env node\n/));
  });

  it('has source maps that carry their sources, or none', async () => {
    const dangling: string[] = [];
    for (const file of files.filter(candidate => candidate.endsWith('.js'))) {
      const [, name] = /^\/\/# sourceMappingURL=(.+)$/m.exec(await tarball.read(file)) ?? [];
      if (name !== undefined && !(await hasSources(join(dirname(file), name)))) {
        dangling.push(file);
      }
    }
    expect(dangling).toEqual([]);
  });

  async function hasSources(map: string): Promise<boolean> {
    if (!files.includes(map)) {
      return false;
    }
    const { sources, sourcesContent } = await tarball.json<{
      sources: string[];
      sourcesContent?: (string | null)[];
    }>(map);
    return sources.every(
      (source, index) =>
        files.includes(join(dirname(map), source)) || typeof sourcesContent?.[index] === 'string',
    );
  }

  it.each(['.js', '.cjs', '.d.cts'])(
    'has %s files that import declared dependencies only',
    async ext => {
      const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
      const used = await packagesImportedBy(files.filter(file => file.endsWith(ext)));
      expect(used).toContain('@nestjs/common');
      expect(declared).toEqual(expect.arrayContaining(used));
    },
  );

  it.each(['.js', '.d.cts'])('needs no optional peer for its main entry (%s)', async ext => {
    const optional = Object.entries(manifest.peerDependenciesMeta ?? {})
      .filter(([, { optional: isOptional }]) => isOptional)
      .map(([name]) => name);
    const used = await packagesImportedBy(await reachableFrom(`dist/index${ext}`), importsAtOnceOf);
    expect(optional).not.toEqual([]);
    expect(used.filter(name => optional.includes(name))).toEqual([]);
  });

  it.each(['start', 'light-primary'])(
    'has a primary that loads neither Nest nor any other package: %s',
    async program => {
      // What it imports later, too.
      const reached = await reachableFrom(`dist/${program}.js`, importsOf);
      expect(await packagesImportedBy(reached)).toEqual([]);
    },
  );
});

describe.each<{ kind: Kind; other: Kind; loads: string }>([
  { kind: 'esm', other: 'cjs', loads: 'as an ES module' },
  { kind: 'cjs', other: 'esm', loads: "from CommonJS, by Node's require()" },
])('an application that loads it $loads', ({ kind, other }) => {
  let consumer: Consumer;
  let complaints: readonly string[];

  beforeAll(async () => {
    const all = await compiledConsumers();
    consumer = all.consumers.of(kind);
    complaints = all.complaints;
  }, INSTALL_TIMEOUT);

  it('compiles', () => {
    // Indented lines continue the previous line.
    const own = complaints.filter(
      complaint => !/^(node_modules\/| )/.test(complaint) && !complaint.startsWith(`${other}/`),
    );
    expect(own).toEqual([]);
  });

  it('finds no fault with our types, where it checks those of libraries', () => {
    expect(complaints.filter(complaint => complaint.includes('nestjs-cluster'))).toEqual([]);
  });

  describe('and has no @nestjs/terminus', () => {
    let running: RunningConsumer | undefined;

    afterEach(() => running?.kill());

    /** Without decorators, in the module system of the application. */
    async function start(health: string): Promise<RunningConsumer> {
      const main = `probed.${kind === 'cjs' ? 'cjs' : 'mjs'}`;
      const load = (name: string, from: string): string =>
        kind === 'cjs'
          ? `const { ${name} } = require('${from}');`
          : `import { ${name} } from '${from}';`;
      await consumer.write(
        main,
        `${load('Module', '@nestjs/common')}
         ${load('NestFactory', '@nestjs/core')}
         ${load('ClusterModule', 'nestjs-cluster')}
         ${load('ClusterHealthModule', 'nestjs-cluster/health')}
         class AppModule {}
         Module({ imports: [ClusterModule.forRoot(), ${health}] })(AppModule);
         NestFactory.create(AppModule).then(app => app.listen(process.env.PORT));`,
      );
      running = await consumer.start(process.execPath, main);
      return running;
    }

    it('says so before anything is forked, where it wants the endpoints for probes', async () => {
      const app = await start('ClusterHealthModule.forRoot()');
      expect(await app.exited).toEqual({ code: 1, signal: null });
      expect(app.all).toMatch(
        /ClusterHealthModule needs the package @nestjs\/terminus, which could not be loaded: npm install @nestjs\/terminus/,
      );
      expect(app.all).not.toContain('starts 2 workers');
    });

    it('serves, where it wants the indicator alone', async () => {
      const app = await start('ClusterHealthModule');
      await eventually(
        () => app.all.includes('2 workers ready'),
        30_000,
        () => app.all,
      );
      app.terminate();
      expect(await app.exited).toEqual({ code: 0, signal: null });
    });
  });

  describe.each([20, 22, 24, 26])('on Node %i', major => {
    let node: string;
    let running: RunningConsumer | undefined;

    beforeAll(async () => {
      node = await nodeBinary(major);
    }, INSTALL_TIMEOUT);

    afterEach(async () => {
      await running?.kill();
      running = undefined;
    });

    it('serves on two workers, and leaves with code 0 and no process behind', async () => {
      const app = (running = await consumer.start(node));
      await eventually(
        async () => readyWorkers(await app.get('/status')).length === 2,
        30_000,
        () => app.all,
      );
      const workers = readyWorkers(await app.get('/status')).map(({ pid }) => pid);
      const children = await childrenOf(app.pid);
      expect(await app.get('/')).toBe('Hello World!');
      // Two workers, and other children of the primary.
      expect(workers).toHaveLength(2);
      expect(children).toEqual(expect.arrayContaining(workers));

      app.terminate();
      expect(await app.exited).toEqual({ code: 0, signal: null });
      await eventually(
        () => !children.some(pid => isAlive(pid)),
        3_000,
        () => `Of ${children.join(', ')}, not all have left.\n${app.all}`,
      );
      // There is no warning either, such as a deprecation or an experimental feature.
      expect(app.errors).toBe('');
    });
  });
});

function filesOf(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf);
}

function readyWorkers(status: string | undefined): HostStatus['workers'] {
  const workers = status === undefined ? [] : (JSON.parse(status) as HostStatus).workers;
  return workers.filter(({ state }) => state === 'ready');
}

async function importsOf(file: string, evenLater = true): Promise<string[]> {
  const text = await tarball.read(file);
  const { importedFiles } = ts.preProcessFile(
    evenLater ? text : text.replaceAll(/\bimport\(/g, 'later('),
    true,
    true,
  );
  return importedFiles.map(({ fileName }) => fileName);
}

/** The imports that are loaded with a module. For types, imports at any place count. */
function importsAtOnceOf(file: string): Promise<string[]> {
  return importsOf(file, file.endsWith('.d.cts'));
}

/** The names of packages, without their subpaths and without modules of Node. */
async function packagesImportedBy(
  modules: readonly string[],
  imports = importsOf,
): Promise<string[]> {
  const specifiers = (await Promise.all(modules.map(file => imports(file)))).flat();
  const names = specifiers
    .filter(specifier => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map(specifier => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    .filter(name => !builtinModules.includes(name));
  return [...new Set(names)];
}

/** All modules that are loaded together with a module, transitively; with `importsOf`, those that are loaded later, too. */
async function reachableFrom(entry: string, imports = importsAtOnceOf): Promise<string[]> {
  const reached = new Set([entry]);
  for (const file of reached) {
    const relative = (await imports(file)).filter(specifier => specifier.startsWith('.'));
    relative
      .map(specifier => join(dirname(file), specifier))
      .map(target => (file.endsWith('.d.cts') ? target.replace(/\.cjs$/, '.d.cts') : target))
      .forEach(target => reached.add(target));
  }
  return [...reached];
}
