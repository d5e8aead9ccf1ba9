import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { benchRoot } from './paths.mjs';

/**
 * Installs the packages of a `package.json`, unless they are installed.
 *
 * @param {string} [directory] of the `package.json`
 */
export function installPeers(directory = benchRoot) {
  const { dependencies } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const missing = Object.entries(dependencies).filter(
    ([name, version]) => peerVersion(name, directory) !== version,
  );
  if (missing.length === 0) {
    return;
  }
  const place = relative(process.cwd(), join(directory, 'node_modules'));
  console.error(`Installing ${missing.map(([name]) => name).join(', ')} into ${place} ...`);
  const { status } = spawnSync(
    'npm',
    [
      'install',
      // Nest and ioredis are those of the project.
      '--omit=peer',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) {
    throw new Error('The peers of the benchmarks could not be installed');
  }
}

/**
 * @param {string} name
 * @param {string} [directory] of the `package.json` that asks for it
 */
export function peerVersion(name, directory = benchRoot) {
  const file = join(directory, 'node_modules', name, 'package.json');
  // The `package.json` of Redlock says "v5.0.0-beta2", which npm reads as 5.0.0-beta2.
  return existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8')).version.replace(/^v/, '')
    : undefined;
}
