import { within } from '../../system/async/within.js';
import { addressOf, type RedisCluster, type RedisNode } from './redis-client.interface.js';

/** Milliseconds that a node has to answer anything at all. */
const PATIENCE = 1_000;

/**
 * Cuts the connections to those nodes of a cluster that do not answer: ioredis makes new ones, and finds
 * out who has their slots now.
 *
 * @internal
 */
export class SilentNodes {
  #looking = false;

  constructor(
    private readonly cluster: RedisCluster,
    private readonly onCut: (address: string) => void,
  ) {}

  async cut(): Promise<void> {
    if (this.#looking) {
      return;
    }
    this.#looking = true;
    await Promise.all(this.cluster.nodes('master').map(node => this.#cutIfSilent(node)));
    this.#looking = false;
  }

  async #cutIfSilent(node: RedisNode): Promise<void> {
    // An error is an answer, too.
    const answers = node.call('TIME').then(
      () => true,
      () => true,
    );
    if (!(await within(PATIENCE, answers, () => false))) {
      this.onCut(addressOf(node));
      node.disconnect();
    }
  }
}
