import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import type { Channel } from '../../bus-transport.interface.js';
import { isPattern } from '../../topic-filter.js';

/** Characters with a special meaning in patterns of PSUBSCRIBE. */
const SPECIAL = /[?[\]\\]/g;

/** Placeholder for a topic with an unknown name. */
const ANY = '*';

/**
 * The names of the bus's channels in Redis. The channel and the stored events of a topic are in the same slot of a
 * Redis Cluster.
 *
 * @internal
 */
export class BusChannels {
  /** Matches the part before the topic in the name of a channel, for any slot. */
  readonly #topics: RegExp;

  constructor(
    private readonly keys: RedisKeys,
    private readonly isCluster: boolean,
  ) {
    const start = keys.topicChannel('').replace(/\{\d+\}/, '{%}');
    const escaped = start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.#topics = new RegExp(`^${escaped.replace('%', '\\d+')}`);
  }

  /** Returns the name of a channel in Redis, or the glob for a pattern. */
  nameOf(channel: Channel): string {
    const colon = channel.indexOf(':');
    const kind = channel.slice(0, colon);
    const name = channel.slice(colon + 1);
    if (kind !== 'topic' || !isPattern(name)) {
      return this.keys.channel(kind, name);
    }
    return this.isCluster ? this.keys.channel('pattern', name) : this.#globOf(name);
  }

  /** Whether a channel that a glob matched is the channel of a topic. */
  isTopic(name: string): boolean {
    return this.#topics.test(name);
  }

  #globOf(pattern: string): string {
    const start = this.keys.topicChannel('').replace(/\{\d+\}/, `{${ANY}}`);
    return start + pattern.replaceAll(SPECIAL, '\\$&');
  }
}
