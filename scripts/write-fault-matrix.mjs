/** Runs the faults, and writes the table of `docs/state.md`. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const jest = fileURLToPath(new URL('jest.mjs', import.meta.url));
spawn(
  process.execPath,
  [jest, '--selectProjects', 'e2e', '--testPathPatterns', 'contract/fault-matrix'],
  { env: { ...process.env, WRITE_FAULT_MATRIX: '1' }, stdio: 'inherit' },
).on('exit', code => {
  process.exitCode = code ?? 1;
});
