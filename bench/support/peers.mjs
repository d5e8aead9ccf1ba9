import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchRoot } from './paths.mjs';

const manifest = join(benchRoot, 'package.json');

/** Installs the packages of `bench/package.json`, unless they are installed. */
export function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
  const missing = Object.entries(dependencies).filter(
    ([name, version]) => peerVersion(name) !== version,
  );
  if (missing.length === 0) {
    return;
  }
  console.error(
    `Installing ${missing.map(([name]) => name).join(', ')} into bench/node_modules ...`,
  );
  const { status } = spawnSync(
    'npm',
    ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'],
    { cwd: benchRoot, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) {
    throw new Error('The peers of the benchmarks could not be installed');
  }
}

/** @param {string} name */
export function peerVersion(name) {
  const file = join(benchRoot, 'node_modules', name, 'package.json');
  // The `package.json` of Redlock says "v5.0.0-beta2", which npm reads as 5.0.0-beta2.
  return existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8')).version.replace(/^v/, '')
    : undefined;
}
