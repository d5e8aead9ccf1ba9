// @ts-check
import { machine as thisMachine } from './machine.mjs';
import {
  INSTALL_FAILED,
  INSTALLED_BUT_MISSING,
  INSTALLING,
  NO_REDIS,
  UNREACHABLE,
} from './redis.messages.mjs';

/**
 * @typedef {object} ProvidedRedis
 * @property {string} url
 * @property {() => Promise<void>} stop ends what was started for the tests, and nothing else
 */

/**
 * @typedef {object} Installer
 * @property {string} command what it runs, for the user to read
 * @property {() => void} install
 */

/**
 * What the decision below needs of the machine, so that it can be tested without one.
 *
 * @typedef {object} Machine
 * @property {string | undefined} redisUrl
 * @property {(url: string) => Promise<void>} ping rejects where no Redis answers
 * @property {(name: string) => string | undefined} find a program on the PATH
 * @property {(server: string) => Promise<ProvidedRedis>} start
 * @property {() => Installer | undefined} installer
 * @property {(text: string) => void} say
 */

/** Valkey is what some distributions have in Redis' place, and speaks the same. */
const SERVERS = ['redis-server', 'valkey-server'];

/**
 * A real Redis for the tests: the one that the environment names, else one from the PATH, else one
 * that is installed now.
 *
 * @param {Machine} machine
 * @returns {Promise<ProvidedRedis>}
 */
export async function provideRedis(machine = thisMachine) {
  if (machine.redisUrl) {
    return existingRedis(machine, machine.redisUrl);
  }
  return machine.start(findServer(machine) ?? installServer(machine));
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

/** @param {Machine} machine */
function findServer(machine) {
  return SERVERS.map(name => machine.find(name)).find(path => path !== undefined);
}

/** @param {Machine} machine */
function installServer(machine) {
  const installer = machine.installer();
  if (!installer) {
    throw new Error(NO_REDIS);
  }
  machine.say(INSTALLING(installer.command));
  try {
    installer.install();
  } catch (error) {
    throw new Error(INSTALL_FAILED(installer.command, error), { cause: error });
  }
  const server = findServer(machine);
  if (!server) {
    throw new Error(INSTALLED_BUT_MISSING(installer.command));
  }
  return server;
}
