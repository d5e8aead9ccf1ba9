import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/**
 * Runs tests. Its exit code becomes that of this process.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} variables
 */
export function runVitest(args, variables) {
  spawn(process.execPath, [VITEST, 'run', ...args], {
    env: { ...process.env, ...variables },
    stdio: 'inherit',
  }).on('exit', code => {
    process.exitCode = code ?? 1;
  });
}
