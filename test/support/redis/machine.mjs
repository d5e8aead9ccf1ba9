// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chooseInstaller } from './installer.mjs';
import { pingRedis } from './ping-redis.mjs';
import { startRedis } from './start-redis.mjs';

/**
 * The machine that runs the tests.
 *
 * @type {import('./provide-redis.mjs').Machine}
 */
export const machine = {
  get redisUrl() {
    return process.env['TEST_REDIS_URL'];
  },
  ping: pingRedis,
  find,
  start: startRedis,
  installer: () =>
    chooseInstaller({
      platform: process.platform,
      isRoot: process.getuid?.() === 0,
      has: program => find(program) !== undefined,
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
    .map(directory => join(directory, name))
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
 * Throws with all that the program said unless it ends well.
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
