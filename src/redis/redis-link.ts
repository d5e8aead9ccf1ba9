import type { Logger } from '@nestjs/common';
import type { RedisConnection } from './connect-redis.js';
import { redactError } from './redact-error.js';
import { RedisAvailability } from './redis-availability.js';
import { isCluster, type RedisNode } from './redis-client.interface.js';
import { redisMessages } from './redis.messages.js';
import { asCount } from './replies.js';
import { RedisSubscriber } from './redis-subscriber.js';
import { SilentNodes } from './silent-nodes.js';

/**
 * Redis as one application reaches it: what all that use it have in common.
 *
 * @internal
 */
export class RedisLink {
  readonly isCluster: boolean;
  readonly availability: RedisAvailability;
  readonly #silentNodes: SilentNodes | undefined;
  #subscriber: RedisSubscriber | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly connection: RedisConnection,
    namespace: string,
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
  ) {
    const { client, isOurs } = connection;
    this.isCluster = isCluster(client);
    this.#silentNodes =
      isCluster(client) && isOurs
        ? new SilentNodes(client, address => logger.warn(redisMessages.silent(address)))
        : undefined;
    // Nothing stands at this key.
    this.availability = new RedisAvailability(client, isOurs, `${namespace}:{0}~greeting`);
    this.availability.observe({
      onAvailable: isBack => isBack && logger.log(redisMessages.regained()),
      onUnavailable: why => logger.warn(redisMessages.lost(why)),
    });
  }

  get client(): RedisNode {
    return this.connection.client;
  }

  /** Whether something that is sent now would go out. */
  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** All that the application subscribes to. */
  get subscriber(): RedisSubscriber {
    this.#subscriber ??= new RedisSubscriber({
      connection: this.connection,
      availability: this.availability,
      suspect: () => this.suspect(),
      warn: message => this.logger.warn(message),
    });
    return this.#subscriber;
  }

  /**
   * To those who have subscribed to the channel; on a Cluster, by its slot.
   *
   * @returns how many connections have got it; of a Cluster, those to one node
   * @throws Error what ioredis says
   */
  async publish(channel: string, message: string): Promise<number> {
    const command = this.isCluster ? 'SPUBLISH' : 'PUBLISH';
    try {
      return asCount(command, await this.client.call(command, channel, message));
    } catch (error) {
      throw redactError(error as Error);
    }
  }

  /** Something went unanswered: what does not answer now, either, gets another connection. */
  suspect(): void {
    if (this.#silentNodes) {
      // The others work, and those who need them do not wait.
      void this.#silentNodes.cut();
    } else {
      this.distrust(redisMessages.unanswered());
    }
  }

  /** It says of itself that another server is to be asked. A cluster finds out which by itself. */
  distrust(why: string): void {
    if (!this.isCluster) {
      this.availability.suspect(why);
    }
  }

  /** For when nobody uses it any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#subscriber?.close();
    this.availability.close();
    await this.connection.close();
  }
}
