/**
 * Runs Jest with native ES modules. The flag is on the command line and not in NODE_OPTIONS, which every application
 * of a test would inherit.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    `${root}node_modules/jest/bin/jest.js`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
jest.on('exit', (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1);
});
