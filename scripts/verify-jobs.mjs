/**
 * `npm run verify:jobs`: scheduled jobs of an application of this repository, with workers and Redis servers that fail; see
 * docs/verify.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { providePackages } from '../test/support/bundle-packages.mjs';
import { compileFixtures } from '../test/support/compile-fixtures.mjs';
import { provideProgram } from '../test/support/packages/provide-program.mjs';
import { REDIS_SERVER } from '../test/support/redis/redis-server-program.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

await compileFixtures();
await providePackages();
for (const part of ['jobs', 'support']) {
  await compileFixtures(`${root}test/${part}`, `${root}.test-build/${part}`);
}
provideProgram(REDIS_SERVER);
const run = spawn(process.execPath, [`${root}.test-build/jobs/main.js`, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => run.kill('SIGTERM'));
}
const [code] = await once(run, 'close');
process.exitCode = code ?? 1;
