import { within } from '../../system/async/within.js';
import { afterReading } from '../../system/time/deadline-timer.js';
import { isReplyError } from './is-reply-error.js';
import { addressOf, isCluster, type RedisNode } from './redis-client.interface.js';
import { redactMessage } from './redact-error.js';
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
 * Reports nodes of a cluster that do not answer or cannot be reached.
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
  const reported = new Set<string>();
  client.on('+node', node => {
    const address = addressOf(node);
    const report = (line: string): void => {
      if (!reported.has(address)) {
        reported.add(address);
        warn(line);
      }
    };
    node.on('ready', () => reported.delete(address));
    node.on('error', ({ message, code }: NodeJS.ErrnoException) => {
      // Without any other node, the client is not ready, and the whole cluster is reported.
      if (client.status === 'ready' && node.status !== 'ready') {
        report(redisMessages.nodeUnreachable(address, redactMessage(message) || (code ?? '')));
      }
    });
    new Handshakes(node, () => report(redisMessages.silent(address))).observe();
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
