// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { chooseInstaller } from './installer.mjs';

/**
 * The machine that runs the tests.
 *
 * @type {import('./provide-program.mjs').PackageMachine}
 */
export const packageMachine = {
  find,
  installer: program =>
    chooseInstaller(program, {
      platform: process.platform,
      isRoot: process.getuid?.() === 0,
      has: name => find(name) !== undefined,
      run,
    }),
  say: text => process.stderr.write(`${text}\n`),
};

/**
 * @param {string} name
 * @returns {string | undefined}
 */
function find(name) {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(directory => resolve(directory, name)) // an absolute path is unchanged
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Throws with the output of the program unless its exit code is 0.
 *
 * @param {readonly string[]} command
 */
function run([program = '', ...args]) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) {
    throw error;
  }
  if (status !== 0) {
    throw new Error(`${program} ended with code ${status}.\n${stdout}${stderr}`);
  }
}
