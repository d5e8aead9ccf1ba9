/**
 * Installs the dependencies of a fresh clone (or of a changed lock file) before a script needs them, so that `npm
 * start` and `npm test` work at once. With `--tests`, it also installs packages that only tests use.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each directory has its own lock file. */
const FOR_TESTS = ['test/nest-11/newest/', 'test/nest-11/lowest/'];

const directories = ['', ...(process.argv.includes('--tests') ? FOR_TESTS : [])];
for (const directory of directories) {
  install(directory);
}

/** @param {string} directory below the root */
function install(directory) {
  const installed = `${root}${directory}node_modules/.package-lock.json`;
  const wanted = `${root}${directory}package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) {
    return;
  }
  const what = `dependencies${directory && ` of ${directory}`}`;
  console.log(`Installing ${what} (npm ci), which takes a minute or two ...`);
  // Some tools announce a newer Node than they need, so that npm would print dozens of warnings on Node 20.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', ...quiet], {
    cwd: `${root}${directory}`,
    stdio: 'inherit',
  });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}
