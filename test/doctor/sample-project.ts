import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as TypeScript from 'typescript';
import { run } from '../../scripts/compatibility/run.mjs';
import { addToImports } from '../../scripts/compatibility/package.mjs';

/** Other versions than those of the samples: those that they declare do not fit together. */
const INSTEAD: Readonly<Record<string, string>> = { graphql: '^16.11.0' };

/** What the samples need, and not all of them declare. */
const FURTHER: Readonly<Record<string, string>> = {
  '@as-integrations/express5': '^1.1.2',
  pg: '^8.0.0',
  typescript: '^5.9.0',
};

/** Dependencies that no application loads. */
const UNUSED = new Set(['rimraf', 'mysql2', '@apollo/federation']);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** A file that `nest-cli.json` names as a plugin of the compiler. */
interface CompilerPlugin {
  readonly name: string;
  readonly options?: object;
}

type Transformer = (
  options: object,
  program: TypeScript.Program,
) => TypeScript.TransformerFactory<TypeScript.SourceFile>;

/** The project into which the samples are copied: they share their packages, which takes a twentieth of the time. */
export class SampleProject {
  readonly #require: NodeJS.Require;

  private constructor(readonly directory: string) {
    this.#require = createRequire(join(directory, 'package.json'));
  }

  /** Copies the applications, and installs everything that they depend on, and the package in `tarball`. */
  static async create(
    directory: string,
    samples: string,
    applications: readonly string[],
    tarball: string,
  ): Promise<SampleProject> {
    const dependencies: Record<string, string> = {};
    for (const application of applications) {
      const to = join(directory, application);
      await cp(join(samples, application), to, { recursive: true, filter: isSource });
      Object.assign(dependencies, (await manifestOf(to)).dependencies);
      // One application declares ES modules, but can only be bundled as such.
      await writeFile(join(to, 'package.json'), JSON.stringify({ name: 'sample' }));
    }
    UNUSED.forEach(name => delete dependencies[name]);
    const all = { ...dependencies, ...INSTEAD, ...FURTHER, 'nestjs-cluster': `file:${tarball}` };
    await writeFile(
      join(directory, 'package.json'),
      JSON.stringify({ name: 'samples', private: true, dependencies: all }),
    );
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'];
    await run(directory, ['npm', 'install', ...quiet]);
    return new SampleProject(directory);
  }

  versionOf(name: string): string {
    return (this.#require(`${name}/package.json`) as { version: string }).version;
  }

  /** Adds `ClusterModule.forRoot()` to an application, and compiles it. Returns its main file. */
  async build(application: string, change: (source: string) => string): Promise<string> {
    const directory = join(this.directory, application);
    const files = await readdir(join(directory, 'src'));
    const module = join(
      directory,
      'src',
      files.find(file => /^app\.module\.[jt]s$/.test(file))!,
    );
    const source = change(await readFile(module, 'utf8'));
    const hasImports = source.includes('imports: [');
    await writeFile(
      module,
      hasImports ? source : source.replace('@Module({', '@Module({ imports: [],'),
    );
    await addToImports(module, 'ClusterModule', 'nestjs-cluster');
    await this.#compile(directory);
    return join(directory, 'dist/main.js');
  }

  async #compile(directory: string): Promise<void> {
    const ts = this.#require('typescript') as typeof TypeScript;
    const sources = join(directory, 'src');
    const dist = join(directory, 'dist');
    await rm(dist, { recursive: true, force: true });
    await mkdir(dist);
    // Templates, schemas and the like.
    await cp(sources, dist, { recursive: true, filter: path => !/\.[jt]s$/.test(path) });
    const { config } = ts.readConfigFile(join(directory, 'tsconfig.json'), file =>
      ts.sys.readFile(file),
    ) as {
      config?: object;
    };
    const { options, fileNames } = ts.parseJsonConfigFileContent(
      { ...config, include: ['src'], exclude: ['**/*.spec.*', '**/test/**'] },
      ts.sys,
      directory,
      {
        module: ts.ModuleKind.CommonJS,
        outDir: dist,
        rootDir: sources,
        allowJs: true,
        experimentalDecorators: true,
        incremental: false,
        declaration: false,
        noEmitOnError: false,
        types: [],
      },
    );
    const program = ts.createProgram(fileNames, options);
    const before = (await pluginsOf(directory)).map(({ name, options: given = {} }) => {
      const plugin = this.#require(`${name}/plugin`) as { before: Transformer };
      return plugin.before(given, program);
    });
    program.emit(undefined, undefined, undefined, false, { before });
  }
}

function isSource(path: string): boolean {
  return !/\/(node_modules|dist|package-lock\.json)$/.test(path);
}

async function manifestOf(directory: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest;
}

async function pluginsOf(directory: string): Promise<readonly CompilerPlugin[]> {
  const text = await readFile(join(directory, 'nest-cli.json'), 'utf8').catch(() => '{}');
  const { compilerOptions } = JSON.parse(text) as {
    readonly compilerOptions?: { readonly plugins?: readonly CompilerPlugin[] };
  };
  return compilerOptions?.plugins ?? [];
}
