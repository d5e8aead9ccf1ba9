// @ts-check
import { provideProgram } from '../packages/provide-program.mjs';
import { machine as thisMachine } from './machine.mjs';
import { REDIS_SERVER } from './redis-server-program.mjs';
import { NO_SERVER, UNREACHABLE } from './redis.messages.mjs';

/**
 * @typedef {object} ProvidedRedis
 * @property {string} url
 * @property {() => Promise<void>} stop ends what was started for the tests, and nothing else
 */

/**
 * What the decision below needs of the machine, so that it can be tested without one.
 *
 * @typedef {object} RedisMachine
 * @property {string | undefined} redisUrl
 * @property {string | undefined} redisServer the path of the server program to start
 * @property {(url: string) => Promise<void>} ping rejects where no Redis answers
 * @property {(server: string) => Promise<ProvidedRedis>} start
 */

/** @typedef {import('../packages/provide-program.mjs').PackageMachine & RedisMachine} Machine */

/**
 * Returns a real Redis for the tests: the running one that the environment names, else one that is
 * started now. Its program is the one that the environment names, else one from the PATH, else one
 * that is installed now.
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
