/**
 * Installs the programs that the tests need and this machine does not have. The tests would install them, too, but while
 * others already run.
 */
import { CHROMIUM } from '../test/support/chromium/chromium-program.mjs';
import { FAKETIME } from '../test/support/faketime/faketime-program.mjs';
import { NATS_SERVER } from '../test/support/nats/nats-program.mjs';
import { provideProgram } from '../test/support/packages/provide-program.mjs';
import { REDIS_SERVER } from '../test/support/redis/redis-server-program.mjs';

/** The variables that name the program, or replace it. */
const PROGRAMS = [
  { program: REDIS_SERVER, variables: ['TEST_REDIS_URL', 'TEST_REDIS_SERVER'] },
  { program: CHROMIUM, variables: ['TEST_CHROMIUM'] },
  { program: NATS_SERVER, variables: [] },
  { program: FAKETIME, variables: ['TEST_FAKETIME_LIBRARY'] },
];

for (const { program, variables } of PROGRAMS) {
  if (!variables.some(name => process.env[name])) {
    provide(program);
  }
}

/** @param {import('../test/support/packages/needed-program.interface.js').NeededProgram} program */
function provide(program) {
  try {
    provideProgram(program);
  } catch (error) {
    // The tests that need the program fail. Others do not need it.
    console.error(error instanceof Error ? error.message : error);
  }
}
