// @ts-check
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addToImports } from './package.mjs';
import { run } from './run.mjs';

/**
 * @typedef {object} Kind
 * @property {11 | 12} nest
 * @property {'cjs' | 'esm'} format
 * @property {'express' | 'fastify'} [adapter]
 */

/** A project as `nest new` generates it, with one import added. */
export class StockProject {
  /**
   * @param {string} directory the directory to create it in
   * @param {Kind} kind
   * @param {Generators} generators
   * @param {string} tarball the tarball of this package
   */
  static async create(directory, kind, generators, tarball) {
    await generators.generate(directory, kind);
    await copyFile(tarball, join(directory, 'nestjs-cluster.tgz'));
    const project = new StockProject(directory, kind);
    await project.edit('package.json', text => project.#dependencies(text));
    await project.import('ClusterModule', 'nestjs-cluster');
    if (kind.adapter === 'fastify') {
      await project.edit('src/main.ts', useFastify);
    }
    if (kind.nest === 11 && kind.format === 'esm') {
      // The template is that of Nest 12. The CLI of Nest 11 empties `dist`, but keeps the record of what it compiled.
      await project.edit('tsconfig.json', text => text.replace('"incremental": true,', ''));
    }
    return project;
  }

  /**
   * @param {string} directory
   * @param {Kind} kind
   */
  constructor(directory, kind) {
    this.directory = directory;
    this.kind = kind;
  }

  /**
   * @param {string} file
   * @param {(text: string) => string} change
   */
  async edit(file, change) {
    await this.write(file, change(await this.read(file)));
  }

  get name() {
    return basename(this.directory);
  }

  /** @param {string[]} files */
  async remove(...files) {
    await Promise.all(
      files.map(file => rm(join(this.directory, file), { recursive: true, force: true })),
    );
  }

  /** @param {string} file */
  read(file) {
    return readFile(join(this.directory, file), 'utf8');
  }

  /**
   * @param {string} file
   * @param {string} text
   */
  async write(file, text) {
    await mkdir(dirname(join(this.directory, file)), { recursive: true });
    await writeFile(join(this.directory, file), text);
  }

  /**
   * Adds `<module>.forRoot()` to the imports of the root module.
   *
   * @param {string} module
   * @param {string} from
   */
  import(module, from) {
    return addToImports(join(this.directory, 'src/app.module.ts'), module, from);
  }

  /**
   * @param {string[]} command
   * @param {NodeJS.ProcessEnv} [env]
   */
  run(command, env) {
    return run(this.directory, command, env);
  }

  /** @param {string[]} packages */
  install(...packages) {
    return this.run(['npm', 'install', '--no-audit', '--no-fund', ...packages]);
  }

  /** @param {string} text of `package.json` */
  #dependencies(text) {
    const manifest = JSON.parse(text);
    const { nest, format, adapter } = this.kind;
    const range = `^${nest}.0.0`;
    for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
      for (const name of Object.keys(dependencies)) {
        if (name.startsWith('@nestjs/') && name !== '@nestjs/mau') {
          dependencies[name] = range;
        }
      }
    }
    if (adapter === 'fastify') {
      manifest.dependencies['@nestjs/platform-fastify'] = range;
    }
    if (nest === 11 && format === 'esm') {
      // The template is that of Nest 12.
      delete manifest.devDependencies['@nestjs/mau'];
    }
    manifest.dependencies['nestjs-cluster'] = 'file:nestjs-cluster.tgz';
    return JSON.stringify(manifest, undefined, 2);
  }
}

/** @param {string} text of `main.ts` */
function useFastify(text) {
  return `import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';\n${text}`.replace(
    'NestFactory.create(AppModule)',
    'NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter())',
  );
}

/** The commands of `nest new`, for both versions. */
export class Generators {
  /** @param {string} directory where to install them */
  static async install(directory) {
    const versions = /** @type {const} */ ({ 11: '^19.0.0', 12: '22.2.0' });
    for (const [nest, cli] of Object.entries(versions)) {
      const home = join(directory, `generators-${nest}`);
      await mkdir(home, { recursive: true });
      const dependencies = {
        '@angular-devkit/schematics-cli': cli,
        '@nestjs/schematics': `^${nest}.0.0`,
      };
      await writeFile(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
      await run(home, ['npm', 'install', '--no-audit', '--no-fund']);
    }
    return new Generators(directory);
  }

  /** @param {string} directory */
  constructor(directory) {
    this.directory = directory;
  }

  /**
   * @param {string} directory
   * @param {Kind} kind
   */
  async generate(directory, { nest, format }) {
    // `nest new` of Nest 11 supports CommonJS only.
    const version = format === 'esm' ? 12 : nest;
    const home = join(this.directory, `generators-${version}`);
    const name = basename(directory);
    await run(join(directory, '..'), [
      join(home, 'node_modules/.bin/schematics'),
      `${home}/node_modules/@nestjs/schematics:application`,
      `--name=${name}`,
      '--language=ts',
      ...(version === 12 ? [`--type=${format}`, '--observe=false'] : []),
      '--no-dry-run',
    ]);
  }
}
