/** Writes the tables of `docs/options.md`, from the TSDoc of the options. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
spawn(
  process.execPath,
  [jest, '--selectProjects', 'unit', '--testPathPatterns', 'unit/docs/options'],
  { env: { ...process.env, WRITE_OPTIONS: '1' }, stdio: 'inherit' },
).on('exit', code => {
  process.exitCode = code ?? 1;
});
