// @ts-check
import { packageMachine } from '../packages/package-machine.mjs';
import { provideProgram } from '../packages/provide-program.mjs';
import { CHROMIUM } from './chromium-program.mjs';
import { NO_SUCH_BROWSER } from './chromium.messages.mjs';

/**
 * Returns the browser for the tests: the one that the environment names, else one from the PATH, else one that it
 * installs.
 *
 * @param {string | undefined} given
 * @param {import('../packages/provide-program.mjs').PackageMachine} machine
 * @returns {string} its path
 */
export function provideChromium(given = process.env['TEST_CHROMIUM'], machine = packageMachine) {
  if (!given) {
    return provideProgram(CHROMIUM, machine);
  }
  const path = machine.find(given);
  if (!path) {
    throw new Error(NO_SUCH_BROWSER(given));
  }
  return path;
}
