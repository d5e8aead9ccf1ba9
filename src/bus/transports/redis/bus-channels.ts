import type { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import type { Channel } from '../../bus-transport.interface.js';
import { isPattern } from '../../topic-filter.js';

/** What Redis takes for something else in a pattern; see its command PSUBSCRIBE. */
const SPECIAL = /[?[\]\\]/g;

/** What stands in place of a topic whose name is not known. */
const ANY = '*';

/**
 * How the channels of the bus are called in Redis. Those of a topic, and what is kept of it, are in the
 * same slot of a Cluster.
 *
 * @internal
 */
export class BusChannels {
  /** What comes before the topic in the name of a channel, whatever slot it is in. */
  readonly #topics: RegExp;

  constructor(
    private readonly keys: RedisKeys,
    private readonly isCluster: boolean,
  ) {
    const start = keys.topicChannel('').replace(/\{\d+\}/, '{%}');
    const escaped = start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.#topics = new RegExp(`^${escaped.replace('%', '\\d+')}`);
  }

  /** Of a channel, or the glob for a pattern. */
  nameOf(channel: Channel): string {
    const colon = channel.indexOf(':');
    const kind = channel.slice(0, colon);
    const name = channel.slice(colon + 1);
    if (kind !== 'topic' || !isPattern(name)) {
      return this.keys.channel(kind, name);
    }
    return this.isCluster ? this.keys.channel('pattern', name) : this.#globOf(name);
  }

  /** Whether a channel that a glob matches is that of a topic. */
  isTopic(name: string): boolean {
    return this.#topics.test(name);
  }

  #globOf(pattern: string): string {
    const start = this.keys.topicChannel('').replace(/\{\d+\}/, `{${ANY}}`);
    return start + pattern.replaceAll(SPECIAL, '\\$&');
  }
}
