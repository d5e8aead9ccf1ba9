/**
 * Builds this package and the sample application, unless nothing has changed since the last build. So `npm start`
 * starts at once when it is run again.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each npm script builds, and from what. A build writes the whole output. */
const BUILDS = [
  {
    script: 'build',
    output: 'dist',
    sources: ['src', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json', 'tsdown.config.mjs'],
  },
  {
    script: 'build:sample',
    output: 'sample-app/dist',
    sources: ['sample-app/src', 'sample-app/nest-cli.json', 'sample-app/tsconfig.json', 'dist'],
  },
];

for (const { script, output, sources } of BUILDS) {
  const changed = Math.max(...['package-lock.json', 'package.json', ...sources].map(newest));
  if (oldest(output) < changed) {
    build(script);
  }
}

/** @param {string} script */
function build(script) {
  const { status } = spawnSync('npm', ['run', script], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}

/**
 * The time of the last change, also of one that has removed a file.
 *
 * @param {string} path
 */
function newest(path) {
  return Math.max(...entriesOf(path).map(({ mtimeMs }) => mtimeMs));
}

/**
 * The time of the first file, 0 if there is none: an interrupted build leaves none, or old ones.
 *
 * @param {string} path
 */
function oldest(path) {
  const files = entriesOf(path).filter(entry => entry.isFile());
  return files.length > 0 ? Math.min(...files.map(({ mtimeMs }) => mtimeMs)) : 0;
}

/**
 * The file, or the directory and everything in it.
 *
 * @param {string} path
 */
function entriesOf(path) {
  const own = statSync(`${root}${path}`, { throwIfNoEntry: false });
  const inside = own?.isDirectory()
    ? readdirSync(`${root}${path}`, { recursive: true, encoding: 'utf8' })
    : [];
  return [...(own ? [own] : []), ...inside.map(name => statSync(`${root}${path}/${name}`))];
}
