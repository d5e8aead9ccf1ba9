// @ts-check
import { provideProgram } from '../packages/provide-program.mjs';
import { machine as thisMachine } from './machine.mjs';
import { REDIS_SERVER } from './redis-server-program.mjs';
import { NO_SERVER, UNREACHABLE } from './redis.messages.mjs';

/**
 * @typedef {object} ProvidedRedis
 * @property {string} url
 * @property {() => Promise<void>} stop ends only what was started for the tests
 */

/**
 * The parts of the machine that the function below uses, so that it can be tested with a fake.
 *
 * @typedef {object} RedisMachine
 * @property {string | undefined} redisUrl
 * @property {string | undefined} redisServer the path of the server program to start
 * @property {(url: string) => Promise<void>} ping rejects if no Redis server answers
 * @property {(server: string) => Promise<ProvidedRedis>} start
 */

/** @typedef {import('../packages/provide-program.mjs').PackageMachine & RedisMachine} Machine */

/**
 * Returns a Redis server for the tests: the running one that the environment names, else one that it starts. Its
 * program is the one that the environment names, else one from the PATH, else one that it installs.
 *
 * @param {Machine} machine
 * @returns {Promise<ProvidedRedis>}
 */
export async function provideRedis(machine = thisMachine) {
  if (machine.redisUrl) {
    return existingRedis(machine, machine.redisUrl);
  }
  return machine.start(
    machine.redisServer
      ? chosenServer(machine, machine.redisServer)
      : provideProgram(REDIS_SERVER, machine),
  );
}

/**
 * @param {Machine} machine
 * @param {string} path
 */
function chosenServer(machine, path) {
  const server = machine.find(path);
  if (server === undefined) {
    throw new Error(NO_SERVER(path));
  }
  return server;
}

/**
 * @param {Machine} machine
 * @param {string} url
 * @returns {Promise<ProvidedRedis>}
 */
async function existingRedis(machine, url) {
  try {
    await machine.ping(url);
  } catch (error) {
    throw new Error(UNREACHABLE(url, error), { cause: error });
  }
  return { url, stop: () => Promise.resolve() };
}
