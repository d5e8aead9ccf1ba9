// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a command, and waits until it has ended.
 *
 * @param {string} cwd
 * @param {readonly string[]} command
 * @param {NodeJS.ProcessEnv} [env] in addition to the environment of this process
 * @returns {Promise<string>} its output
 * @throws Error with the output if the command fails
 */
export async function run(cwd, [file, ...args], env = {}) {
  const child = spawn(file ?? '', args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', chunk => (output += String(chunk)));
  child.stderr.on('data', chunk => (output += String(chunk)));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`${[file, ...args].join(' ')} ended with ${signal ?? code}:\n${output}`);
  }
  return output;
}

/** Without the variables that npm sets for its own scripts: a command must run as in the shell of a user. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle)|^NODE_(OPTIONS|ENV)$|^JEST_|^VITEST/.test(name),
    ),
  );
}
