import type { RedisLink } from '../../../redis/redis-link.js';
import { partitionOf } from '../../partition.js';

/** The partition and the key, after the namespace. */
const USER_KEY = /^(\d+)\}:([^]*)$/;

/** The same, also for internal keys. */
const ANY_KEY = /^(\d+)\}(?:~([a-z-]+))?:([^]*)$/;

/** What a name in Redis stands for. @internal */
export interface KeyPlace {
  /** `data` for the value of a user; otherwise what `RedisKeys.of()` got. */
  readonly what: string;
  readonly key: string;
}

/** Escapes what is special in a pattern of SCAN. */
function escaped(text: string): string {
  return text.replaceAll(/[\\*?[\]^-]/g, character => `\\${character}`);
}

/**
 * The names of keys and channels of one application in Redis.
 *
 * Each key has the number of its partition as its hash tag, as in `tickets:{313}:sold`, so that all keys of a batch
 * are in one slot of a Redis Cluster. Internal keys begin with `~` after the tag.
 *
 * @internal
 */
export class RedisKeys {
  /** Returns the names of a namespace on the server of a link. */
  static on({ isCluster, database, keyPrefix }: RedisLink, namespace: string): RedisKeys {
    return new RedisKeys(namespace, isCluster, database, keyPrefix);
  }

  readonly #database: string;

  constructor(
    private readonly namespace: string,
    /** Whether the server is a Redis Cluster. */
    private readonly isCluster: boolean,
    /**
     * The number of the database. It is part of channel names, because all databases of a server share the channels.
     */
    database = 0,
    /** What ioredis puts before keys and sharded channels. */
    private readonly keyPrefix = '',
  ) {
    this.#database = database === 0 ? '' : `@${database}`;
  }

  /** Returns the key of a user's value, map or leaderboard. */
  data(key: string): string {
    return `${this.#tagged(partitionOf(key))}:${key}`;
  }

  /** Returns the pattern that matches the keys of users that begin with a prefix, and some others. @param clientPrefix what ioredis puts before all keys */
  patternOf(prefix: string, clientPrefix: string): string {
    return `${escaped(clientPrefix + this.namespace)}:{*}:${escaped(prefix)}*`;
  }

  /** Returns the user's key that a name in Redis stands for; `undefined` if it is not one of this namespace. */
  userKey(name: string): string | undefined {
    const start = `${this.namespace}:{`;
    const [, partition, key] =
      (name.startsWith(start) && USER_KEY.exec(name.slice(start.length))) || [];
    return key !== undefined && partitionOf(key) === Number(partition) ? key : undefined;
  }

  /** Returns what a name in Redis stands for; `undefined` if it is not one of this namespace. */
  placeOf(name: string): KeyPlace | undefined {
    const start = `${this.namespace}:{`;
    const [, partition, what = 'data', key] =
      (name.startsWith(start) && ANY_KEY.exec(name.slice(start.length))) || [];
    return key !== undefined && partitionOf(key) === Number(partition) ? { what, key } : undefined;
  }

  /** Returns the pattern that matches all names of the namespace. */
  patternOfAll(clientPrefix: string): string {
    return `${escaped(clientPrefix + this.namespace)}:{*}*`;
  }

  /** Returns an internal key for a name. */
  of(what: string, key: string): string {
    return `${this.#tagged(partitionOf(key))}~${what}:${key}`;
  }

  /** Returns an internal key of a partition. */
  ofPartition(what: string, key: string): string {
    return `${this.#tagged(partitionOf(key))}~${what}`;
  }

  lane(partition: number, lane: string): string {
    return `${this.#tagged(partition)}~lane:${lane}`;
  }

  /** Returns the channel on which a client is notified of granted locks. */
  grantChannel(client: string): string {
    return `${this.namespace}~grants${this.#database}:${client}`;
  }

  /** Returns the channel for a name. */
  channel(what: string, name: string): string {
    return this.of(`${what}${this.#database}`, name);
  }

  /** Returns the channel of a topic, which is in the same slot as its log. */
  topicChannel(topic: string): string {
    return this.channel('topic', topic);
  }

  /** Returns the channel of a topic as an argument of a script, which ioredis does not prefix. */
  topicChannelArg(topic: string): string {
    return `${this.isCluster ? this.keyPrefix : ''}${this.topicChannel(topic)}`;
  }

  /**
   * Returns the name under which to subscribe to a channel that is a key of a script, which ioredis prefixes. On a
   * single server, it does not prefix the channels of subscribers.
   */
  subscribedKey(channel: string): string {
    return `${this.isCluster ? '' : this.keyPrefix}${channel}`;
  }

  /** The command to publish on it: SPUBLISH on a Redis Cluster, which does not broadcast to all nodes. */
  get publishing(): 'PUBLISH' | 'SPUBLISH' {
    return this.isCluster ? 'SPUBLISH' : 'PUBLISH';
  }

  #tagged(partition: number): string {
    return `${this.namespace}:{${partition}}`;
  }
}
