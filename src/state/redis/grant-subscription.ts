import { within } from '../../process/within.js';
import type { RedisConnection } from '../../redis/connect-redis.js';
import { isCluster, type RedisNode } from '../../redis/redis-client.interface.js';
import { stateMessages } from '../state.messages.js';
import type { Grant } from '../state-executor.interface.js';

const UNSUBSCRIBE_MILLISECONDS = 200;

/**
 * Hears of the locks that pass to this client.
 *
 * Where a connection of ours speaks RESP3, or is that of a cluster, it takes the news as well; otherwise
 * they need one of their own, for a RESP2 connection that subscribes can do nothing else.
 *
 * @internal
 */
export class GrantSubscription {
  /** Resolves when grants arrive, or when it is clear that they will later, or not. */
  readonly ready: Promise<void>;
  readonly #client: RedisNode;
  readonly #isExtra: boolean;

  constructor(
    connection: RedisConnection,
    private readonly channel: string,
    private readonly onGrant: (grant: Grant) => void,
    private readonly warn: (message: string) => void,
  ) {
    const { client, isOurs } = connection;
    const canShare = isCluster(client) || (isOurs && client.condition?.protocol === 3);
    this.#isExtra = !canShare;
    this.#client = canShare ? client : connection.duplicate();
    if (this.#isExtra) {
      // What is the matter with Redis, the other connection says.
      this.#client.on('error', () => {});
    }
    this.#client.on('message', this.#onMessage);
    this.ready = this.#subscribe();
  }

  /** Does not wait for long: a server that does not answer takes no notice of it either. */
  async close(): Promise<void> {
    this.#client.off('message', this.#onMessage);
    this.#client.off('ready', this.#onReady);
    if (this.#isExtra) {
      this.#client.disconnect();
    } else if (this.#client.status === 'ready') {
      const done = this.#client.unsubscribe(this.channel).catch(() => {});
      await within(UNSUBSCRIBE_MILLISECONDS, done, () => {});
    }
  }

  async #subscribe(): Promise<void> {
    if (this.#isExtra && this.#client.status === 'wait') {
      await this.#client.connect().catch(() => {});
    }
    try {
      // Once subscribed, ioredis subscribes again after each reconnect.
      await this.#client.subscribe(this.channel);
    } catch (error) {
      if ((error as Error).message.startsWith('NOPERM')) {
        this.warn(stateMessages.deaf(this.channel));
      } else {
        this.#client.once('ready', this.#onReady);
      }
    }
  }

  readonly #onReady = (): void => void this.#subscribe();

  readonly #onMessage = (channel: string, message: string): void => {
    if (channel === this.channel) {
      const [owner = '', token] = message.split(' ');
      this.onGrant({ owner, token: Number(token) });
    }
  };
}
