import { within } from '../../system/async/within.js';
import { addressOf, type RedisCluster, type RedisNode } from './redis-client.interface.js';

/** Milliseconds that a node has to answer. */
const PATIENCE = 1_000;

/**
 * Cuts the connections to cluster nodes that do not answer. ioredis then reconnects, and reads which nodes have their
 * slots now.
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
