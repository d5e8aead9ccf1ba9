import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { provideProgram } from '../test/support/packages/provide-program.mjs';
import { REDIS_SERVER } from '../test/support/redis/redis-server-program.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Compiles the applications of the tests and a program in a directory of `test`, and runs the program with the arguments
 * of this process. This process ends with its exit code.
 *
 * @param {string} directory with a `main.ts`
 */
export async function runCompiled(directory) {
  await compileFixtures();
  for (const part of [directory, 'support']) {
    await compileFixtures(`${root}test/${part}`, `${root}.test-build/${part}`);
  }
  provideProgram(REDIS_SERVER);
  const run = spawn(
    process.execPath,
    [`${root}.test-build/${directory}/main.js`, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => run.kill('SIGTERM'));
  }
  const [code] = await once(run, 'close');
  process.exitCode = code ?? 1;
}
