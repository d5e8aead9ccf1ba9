import type { Logger } from '@nestjs/common';
import type { RedisConnection } from './connection/connect-redis.js';
import { databaseOf, refusedDatabase } from './connection/database.js';
import { redactError } from './connection/redact-error.js';
import { RedisAvailability } from './connection/redis-availability.js';
import { isCluster, type RedisNode } from './connection/redis-client.interface.js';
import { redisMessages } from './redis.messages.js';
import { asCount } from './redis-replies.js';
import { RedisSubscriber } from './subscriber/redis-subscriber.js';
import { ServerMemory } from './server-memory.js';
import { SilentNodes } from './connection/silent-nodes.js';

/** Milliseconds for a server that is there to say whether it has a database. */
const DATABASE_MILLISECONDS = 3_000;

/**
 * Redis as one application reaches it: what all that use it have in common.
 *
 * @internal
 */
export class RedisLink {
  readonly isCluster: boolean;
  /** The number of the database; of a Cluster, 0. */
  readonly database: number;
  readonly availability: RedisAvailability;
  readonly memory: ServerMemory;
  readonly #silentNodes: SilentNodes | undefined;
  #subscriber: RedisSubscriber | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly namespace: string,
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
  ) {
    const { client, isOurs } = connection;
    this.isCluster = isCluster(client);
    this.#silentNodes =
      isCluster(client) && isOurs
        ? new SilentNodes(client, address => logger.warn(redisMessages.silent(address)))
        : undefined;
    this.database = databaseOf(client);
    this.memory = new ServerMemory(client, message => logger.warn(message));
    this.availability = new RedisAvailability(client, isOurs, {
      namespace,
      database: this.database,
    });
    this.availability.observe({
      onAvailable: isBack => {
        if (isBack) {
          logger.log(redisMessages.regained());
        }
        void this.memory.ask();
      },
      onUnavailable: (why, unusable) =>
        logger.warn(unusable ? redisMessages.unusable(why) : redisMessages.lost(why)),
    });
  }

  get client(): RedisNode {
    return this.connection.client;
  }

  /** Whether something that is sent now would go out, and may. */
  get isReady(): boolean {
    return this.client.status === 'ready' && !this.availability.unusable;
  }

  /** Why it must not be used until somebody has done something about it. */
  get whyUnusable(): string | undefined {
    const { unusable } = this.availability;
    return unusable && redisMessages.whyUnusable(unusable.message);
  }

  /** All that the application subscribes to. */
  get subscriber(): RedisSubscriber {
    this.#subscriber ??= new RedisSubscriber({
      connection: this.connection,
      namespace: this.namespace,
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

  /**
   * Waits until it is known whether the server has the database, unless Redis is away.
   *
   * @throws ClusterConfigError if it refuses it
   */
  async assertDatabase(): Promise<void> {
    if (this.database === 0) {
      return;
    }
    const unusable = await this.availability.settled(DATABASE_MILLISECONDS);
    if (unusable?.isRefusedDatabase) {
      throw refusedDatabase(this.database, unusable.message);
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
