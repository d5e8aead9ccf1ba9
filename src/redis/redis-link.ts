import type { Logger } from '@nestjs/common';
import type { RedisConnection } from './connection/connect-redis.js';
import { databaseOf, refusedDatabase } from './connection/database.js';
import { isReplyError } from './connection/is-reply-error.js';
import { redactError } from './connection/redact-error.js';
import { refusalScope, replyCode } from './connection/refusal-scope.js';
import { RedisAvailability } from './connection/redis-availability.js';
import {
  addressOf,
  isCluster,
  keyPrefixOf,
  type RedisNode,
} from './connection/redis-client.interface.js';
import { LogLimiter } from '../system/log-limiter.js';
import { backendMessages } from '../model/backend.messages.js';
import { redisMessages } from './redis.messages.js';
import { asCount } from './redis-replies.js';
import { RedisSubscriber } from './subscriber/redis-subscriber.js';
import { SlotsRefresh } from './cluster/slots-refresh.js';
import { whyNotConnected } from './cluster/why-not-connected.js';
import { ServerMemory } from './server-memory.js';
import { SilentNodes } from './connection/silent-nodes.js';

/** Milliseconds that a reachable server has to confirm the database. */
const DATABASE_MILLISECONDS = 3_000;

/** Milliseconds that a new connection has to become usable. */
const SETTLING_MILLISECONDS = 2_000;

/** A command was not sent. @internal */
export class RedisNotReadyError extends Error {}

/**
 * The connection of one application to Redis, which the shared state and the bus use together.
 *
 * @internal
 */
export class RedisLink {
  readonly isCluster: boolean;
  /** The database number; 0 with a Redis Cluster. */
  readonly database: number;
  /** What the client puts before keys. */
  readonly keyPrefix: string;
  readonly availability: RedisAvailability;
  readonly memory: ServerMemory;
  readonly #silentNodes: SilentNodes;
  readonly #refusals = new LogLimiter();
  /** In a Redis Cluster. */
  readonly #slots: SlotsRefresh | undefined;
  #subscriber: RedisSubscriber | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly namespace: string,
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
  ) {
    const { client, isOurs } = connection;
    this.isCluster = isCluster(client);
    this.#slots = isCluster(client) ? new SlotsRefresh(client) : undefined;
    this.#silentNodes = new SilentNodes(client, node => this.#replace(node));
    this.database = databaseOf(client);
    this.keyPrefix = keyPrefixOf(client);
    this.memory = new ServerMemory(client);
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
      onEnded: why => logger.warn(redisMessages.ended(why)),
      onExplained: (why, unusable) =>
        logger.warn(unusable ? redisMessages.unusable(why) : redisMessages.refused(why)),
    });
  }

  /**
   * The client, for commands.
   *
   * @throws RedisNotReadyError if the server cannot be used now: it is unavailable, or the probe of a new connection has
   * not been answered yet, so that its schema is unknown
   */
  get client(): RedisNode {
    const { client } = this.connection;
    if (client.status !== 'ready' || this.availability.unavailableSince !== undefined) {
      throw new RedisNotReadyError(this.whyUnusable ?? backendMessages.unreachable());
    }
    return client;
  }

  /**
   * Returns the client, for commands with this key or sharded channel.
   *
   * @throws RedisNotReadyError if the server, or the node of the Redis Cluster with this slot, cannot be used now
   */
  clientFor(name: string): RedisNode {
    const { client } = this;
    const why = isCluster(client)
      ? whyNotConnected(client, this.keyPrefix + name, () => this.#slots?.request())
      : undefined;
    if (why !== undefined) {
      throw new RedisNotReadyError(why);
    }
    return client;
  }

  /**
   * The client, for commands, when it is known whether the server is available.
   *
   * @throws RedisNotReadyError if it is not
   */
  async settledClient(): Promise<RedisNode> {
    await this.availability.settled(SETTLING_MILLISECONDS);
    return this.client;
  }

  /** Why the server must not be used until an operator fixes it; `undefined` if it may be used. */
  get whyUnusable(): string | undefined {
    const { unusable } = this.availability;
    return unusable && redisMessages.whyUnusable(unusable.message);
  }

  /** The subscriptions of the application. */
  get subscriber(): RedisSubscriber {
    this.#subscriber ??= new RedisSubscriber({
      connection: this.connection,
      namespace: this.namespace,
      availability: this.availability,
      suspect: () => this.distrust(redisMessages.unanswered()),
      log: message => this.logger.log(message),
      warn: message => this.logger.warn(message),
    });
    return this.#subscriber;
  }

  /**
   * Publishes a message; on a Redis Cluster, as a sharded message.
   *
   * @returns how many connections received it; on a Redis Cluster, only those to one node
   * @throws Error the error of ioredis, without secrets
   */
  async publish(channel: string, message: string): Promise<number> {
    const command = this.isCluster ? 'spublish' : 'publish';
    try {
      return asCount(
        command.toUpperCase(),
        await this.clientFor(channel).call(command, channel, message),
      );
    } catch (reason) {
      const error = redactError(reason as Error);
      if (isReplyError(error)) {
        this.refused(error.message);
      }
      throw error;
    }
  }

  /**
   * Waits until the server has confirmed or refused the database. Returns without waiting on if Redis is unreachable.
   *
   * @throws ClusterConfigError if the server refuses the database
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

  /** Called when an answer is overdue: asks again, and replaces connections that do not answer then either. */
  suspect(): void {
    // Not awaited: the connection is used meanwhile, and other nodes still work.
    void this.#silentNodes.look();
  }

  /**
   * Called when the server answers a command with an error. One that concerns all commands makes the server unavailable.
   * A Redis Cluster stays available: only one node has refused the command, and ioredis finds the new master.
   */
  refused(reply: string): void {
    const scope = refusalScope(reply);
    if (replyCode(reply) === 'CLUSTERDOWN') {
      // The node may be cut off from the others, which have elected another master.
      this.#slots?.request();
    }
    if (scope === 'commands' || (scope === 'pause' && this.isCluster)) {
      this.#refusals.log(replyCode(reply), () =>
        this.logger.warn(redisMessages.refuses(reply, scope)),
      );
    } else if (scope !== undefined) {
      this.distrust(reply);
    }
  }

  /** Called when the server must not be used until a probe succeeds. */
  distrust(why: string): void {
    if (!this.isCluster) {
      this.availability.suspect(why);
    }
  }

  /** Ends the connection and all subscriptions. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Replaces the connection to a node that does not answer. */
  #replace(node: RedisNode): void {
    if (!this.isCluster) {
      this.distrust(redisMessages.unanswered());
    } else if (this.connection.isOurs) {
      // ioredis then reconnects, and reads which nodes have its slots now.
      this.logger.warn(redisMessages.silent(addressOf(node)));
      node.disconnect();
    }
  }

  async #close(): Promise<void> {
    await this.#subscriber?.close();
    this.availability.close();
    await this.connection.close();
  }
}
