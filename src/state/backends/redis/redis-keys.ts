import { partitionOf } from '../../partition.js';

/**
 * The names of one application in Redis.
 *
 * Each key has the number of its partition as its hash tag, so that a Redis Cluster keeps together what
 * a batch needs together: `tickets:{313}:sold`. What is not the user's own stands behind `~`.
 *
 * @internal
 */
export class RedisKeys {
  readonly #database: string;

  constructor(
    private readonly namespace: string,
    /** Whether they are in a Redis Cluster. */
    private readonly isCluster: boolean,
    /** The number of the database. Channels belong to all databases of a server, so their names tell it. */
    database = 0,
  ) {
    this.#database = database === 0 ? '' : `@${database}`;
  }

  /** A value, a map or a leaderboard of the user's. */
  data(key: string): string {
    return `${this.#tagged(partitionOf(key))}:${key}`;
  }

  /** Something else that has a name. */
  of(what: string, key: string): string {
    return `${this.#tagged(partitionOf(key))}~${what}:${key}`;
  }

  /** Something of which each partition has one. */
  ofPartition(what: string, key: string): string {
    return `${this.#tagged(partitionOf(key))}~${what}`;
  }

  lane(partition: number, lane: string): string {
    return `${this.#tagged(partition)}~lane:${lane}`;
  }

  /** Where a client is told of locks that pass to it. */
  grantChannel(client: string): string {
    return `${this.namespace}~grants${this.#database}:${client}`;
  }

  /** Something of that name that is published. */
  channel(what: string, name: string): string {
    return this.of(`${what}${this.#database}`, name);
  }

  /** Where those who read a topic are told what is published on it: what is kept of it is in the same slot. */
  topicChannel(topic: string): string {
    return this.channel('topic', topic);
  }

  /** The command by which that is told: a Cluster need not tell all of its nodes. */
  get publishing(): 'PUBLISH' | 'SPUBLISH' {
    return this.isCluster ? 'SPUBLISH' : 'PUBLISH';
  }

  #tagged(partition: number): string {
    return `${this.namespace}:{${partition}}`;
  }
}
