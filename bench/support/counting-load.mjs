import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pinned } from './pinning.mjs';
import { processEnv, start, stop } from './processes.mjs';

/**
 * @typedef {import('../../build/cli/verify/load/load-plan.interface.js').LoadPlan} LoadPlan
 * @typedef {import('../../build/cli/verify/load/phase.js').Phase} Phase
 * @typedef {import('../../build/cli/verify/load/tally.js').Counts} Counts
 * @typedef {{ url?: string, plan?: LoadPlan, phase?: Phase }} Order
 */

const STOP_MILLISECONDS = 30_000;

/** Counting clients, in their own process on their own core. */
export class CountingLoad {
  #child;

  /**
   * @param {string} url
   * @param {LoadPlan} plan
   * @param {number} core
   */
  constructor(url, plan, core) {
    const file = fileURLToPath(new URL('./counting-generator.mjs', import.meta.url));
    this.#child = start(pinned(core, [process.execPath, file]), processEnv(), [
      'ignore',
      'ignore',
      'inherit',
      'ipc',
    ]);
    this.#child.send({ url, plan });
  }

  /** @param {Phase} phase what the server goes through from now on */
  enter(phase) {
    this.#child.send({ phase });
  }

  /** @returns {Promise<Partial<Record<string, Counts>>>} by kind of client, when the last answer has come */
  async counts() {
    this.#child.send({});
    const [counts] = await once(this.#child, 'message', {
      signal: AbortSignal.timeout(STOP_MILLISECONDS),
    });
    return counts;
  }

  stop() {
    return stop(this.#child);
  }
}
