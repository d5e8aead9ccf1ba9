import { within } from '../../system/async/within.js';
import { isReplyError } from './is-reply-error.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';

/** Milliseconds that a node has to answer. */
const PATIENCE = 1_000;

/**
 * Finds the nodes that do not answer any more: the server, or masters of a cluster. An overdue answer alone is no proof,
 * because a command such as `WAIT` blocks the connection for those that follow.
 *
 * @internal
 */
export class SilentNodes {
  #looking = false;

  constructor(
    private readonly client: RedisNode,
    private readonly onSilent: (node: RedisNode) => void,
  ) {}

  async look(): Promise<void> {
    if (this.#looking) {
      return;
    }
    this.#looking = true;
    const nodes = isCluster(this.client) ? this.client.nodes('master') : [this.client];
    await Promise.all(nodes.map(node => this.#ask(node)));
    this.#looking = false;
  }

  async #ask(node: RedisNode): Promise<void> {
    // An error of the server is an answer, too. A node that is not ready is being replaced.
    const answers = node.call('TIME').then(
      () => true,
      (error: Error) => isReplyError(error) || node.status !== 'ready',
    );
    if (!(await within(PATIENCE, answers, () => false))) {
      this.onSilent(node);
    }
  }
}
