import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinning.mjs';
import { processEnv, start, stop } from './processes.mjs';

/**
 * @typedef {object} Load
 * @property {number[]} ports of the servers that are compared
 * @property {string} path
 * @property {number} connections to the server whose turn it is, with one request in flight on each
 * @property {boolean} keepAlive
 * @property {number} turns number of turns of each server
 * @property {number} turnMilliseconds
 */

/** @typedef {{ requests: number, failures: number, milliseconds: number }} LoadResult */

/**
 * @typedef {object} PacedLoad
 * @property {number} port
 * @property {string} path
 * @property {boolean} keepAlive
 * @property {number} perSecond
 * @property {number} milliseconds
 */

/** @typedef {{ failures: number, p50: number, p99: number }} PacedResult latencies in milliseconds */

/** Milliseconds that a load may take in addition to the planned time. */
const MARGIN_MILLISECONDS = 20_000;

/** A load generator in its own process, so that its cost does not affect the server. */
export class LoadGenerator {
  #child;

  /** @param {number} [core] the one that it runs on */
  constructor(core) {
    const file = fileURLToPath(new URL('./load-generator.mjs', import.meta.url));
    const node = [process.execPath, file];
    this.#child = start(core === undefined ? node : pinned(core, node), processEnv(), [
      'ignore',
      'ignore',
      'inherit',
      'ipc',
    ]);
  }

  get pid() {
    return /** @type {number} */ (this.#child.pid);
  }

  /**
   * @param {Load} load
   * @returns {Promise<LoadResult[]>} in the order of the ports
   */
  async run(load) {
    const expected = load.turns * load.turnMilliseconds * load.ports.length;
    const results = /** @type {LoadResult[]} */ (await this.#ask(load, expected));
    for (const { requests, failures } of results) {
      if (failures > 0 || requests === 0) {
        throw new Error(`${failures} of ${requests} requests to ${load.path} failed`);
      }
    }
    return results;
  }

  /**
   * @param {PacedLoad} load
   * @returns {Promise<PacedResult>}
   */
  async pace(load) {
    const result = /** @type {PacedResult} */ (await this.#ask(load, load.milliseconds));
    if (result.failures > 0) {
      throw new Error(`${result.failures} requests to ${load.path} failed`);
    }
    return result;
  }

  stop() {
    return stop(this.#child);
  }

  /**
   * @param {Load | PacedLoad} load
   * @param {number} expected milliseconds
   */
  async #ask(load, expected) {
    this.#child.send(load);
    const [answer] = await once(this.#child, 'message', {
      signal: AbortSignal.timeout(expected + MARGIN_MILLISECONDS),
    });
    return answer;
  }
}
