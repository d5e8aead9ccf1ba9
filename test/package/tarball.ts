import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentForNpm } from '../support/environment.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The files that `npm publish` would upload. */
export class Tarball {
  /**
   * Packs the existing `dist`. `prepack` is not used, because it builds `dist` again while the applications of other
   * tests import it.
   */
  static async pack(directory: string): Promise<Tarball> {
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], {
      cwd: root,
      env: environmentForNpm(),
    });
    const [name] = (await readdir(directory)).filter(file => file.endsWith('.tgz'));
    if (name === undefined) {
      throw new Error('npm pack has written no tarball.');
    }
    const unpacked = join(directory, 'unpacked');
    await mkdir(unpacked);
    await run('tar', ['-xzf', join(directory, name), '-C', unpacked]);
    return new Tarball(join(directory, name), join(unpacked, 'package'));
  }

  private constructor(
    readonly path: string,
    /** The directory with the unpacked files. */
    readonly unpacked: string,
  ) {}

  /** The paths of all files in it, relative to the package. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.unpacked, { recursive: true, withFileTypes: true });
    return entries
      .filter(entry => entry.isFile())
      .map(entry => relative(this.unpacked, join(entry.parentPath, entry.name)))
      .toSorted();
  }

  read(file: string): Promise<string> {
    return readFile(join(this.unpacked, file), 'utf8');
  }

  async json<T>(file: string): Promise<T> {
    return JSON.parse(await this.read(file)) as T;
  }
}
