import { within } from '../../system/async/within.js';
import { afterReading } from '../../system/time/deadline-timer.js';
import { isReplyError } from './is-reply-error.js';
import { addressOf, isCluster, type RedisNode } from './redis-client.interface.js';
import { redisMessages } from '../redis.messages.js';

/** Milliseconds until a connection that is not ready is checked, and checked again. */
const CHECK_MILLISECONDS = 1_000;

/** Milliseconds that the server has to answer a check. */
const ANSWER_MILLISECONDS = 2_000;

/**
 * Replaces new connections of a client, or of the nodes of a cluster client, that are accepted but not answered:
 * ioredis waits for the answers to its handshake forever, because its `connectTimeout` ends before the handshake. A
 * server that answers, for example while it loads its data, is given any time to become ready.
 *
 * @param warn called with a log line about a node of a cluster, once until the node is ready
 * @internal
 */
export function limitHandshake(
  client: RedisNode,
  warn: (message: string) => void = () => {},
): void {
  if (!isCluster(client)) {
    new Handshakes(client, () => {}).observe();
    return;
  }
  const silent = new Set<string>();
  client.on('+node', node => {
    const address = addressOf(node);
    const onSilent = (): void => {
      if (!silent.has(address)) {
        silent.add(address);
        warn(redisMessages.silent(address));
      }
    };
    node.on('ready', () => silent.delete(address));
    new Handshakes(node, onSilent).observe();
  });
}

class Handshakes {
  #cancel: () => void = () => {};

  constructor(
    private readonly node: RedisNode,
    private readonly onSilent: () => void,
  ) {}

  observe(): void {
    this.node.on('connect', () => this.#checkLater());
    this.node.on('ready', () => this.#cancel());
    this.node.on('close', () => this.#cancel());
  }

  #checkLater(): void {
    this.#cancel();
    this.#cancel = afterReading(CHECK_MILLISECONDS, () => void this.#check());
  }

  async #check(): Promise<void> {
    let isOver = false;
    this.#cancel = () => (isOver = true);
    const isAnswered = await within(ANSWER_MILLISECONDS, answers(this.node), () => false);
    if (isOver || this.node.status !== 'connect') {
      return;
    }
    if (isAnswered) {
      this.#checkLater();
    } else {
      this.onSilent();
      // A node of a cluster does not reconnect: the cluster client opens another connection when it needs the node.
      this.node.disconnect(true);
    }
  }
}

/** Resolves with whether the server has replied. ioredis sends `INFO` also before a connection is ready. */
function answers(node: RedisNode): Promise<boolean> {
  return node.call('info', 'server').then(() => true, isReplyError);
}
