import { randomUUID } from 'node:crypto';
import { cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appsDirectory } from './nest/nest-versions.mjs';

const built = fileURLToPath(new URL('../../.test-build/', import.meta.url));

/** A directory with releases of the application `operations`, and a link to the current one. */
export class Deployment {
  static readonly #all = new Set<Deployment>();

  static async create(): Promise<Deployment> {
    const deployment = new Deployment(join(built, 'deployments', randomUUID()));
    Deployment.#all.add(deployment);
    await mkdir(deployment.directory, { recursive: true });
    await deployment.deploy('first');
    return deployment;
  }

  /** For `afterEach`. */
  static async removeAll(): Promise<void> {
    const all = [...Deployment.#all];
    Deployment.#all.clear();
    await Promise.all(all.map(({ directory }) => rm(directory, { recursive: true })));
  }

  private constructor(readonly directory: string) {}

  /** The path that an administrator would use: the link. */
  get current(): string {
    return join(this.directory, 'current');
  }

  get main(): string {
    return join(this.current, 'operations/main.js');
  }

  /** Adds a release, and changes the link to it. */
  async deploy(name: string): Promise<void> {
    const release = join(this.directory, name);
    await cp(appsDirectory(), release, { recursive: true });
    await this.#writeRelease(release, `export const RELEASE = '${name}';`);
    const link = join(this.directory, `link-to-${name}`);
    await symlink(name, link);
    await rename(link, this.current);
  }

  /** Replaces the code of the current release. */
  async overwrite(code: string): Promise<void> {
    await this.#writeRelease(this.current, code);
  }

  /** Removes the link to the current release. */
  async hide(): Promise<void> {
    await rm(this.current);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name), { recursive: true });
  }

  async writeFile(name: string, text: string): Promise<void> {
    await writeFile(join(this.directory, name), text);
  }

  #writeRelease(release: string, code: string): Promise<void> {
    return writeFile(join(release, 'operations/release.js'), `${code}\n`);
  }
}
