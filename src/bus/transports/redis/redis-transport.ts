import { type RedisLink, RedisNotReadyError } from '../../../redis/redis-link.js';
import { within } from '../../../system/async/within.js';
import { describedError, isFull, isRefusal } from '../../../state/backends/redis/reply-error.js';
import { stateMessages } from '../../../state/state.messages.js';
import { RedisKeys } from '../../../state/backends/redis/redis-keys.js';
import type { MemberInfo, MemberList } from '../../membership/bus-member.interface.js';
import {
  type BusTransport,
  type Channel,
  PublicationRefusedError,
  topicOf,
  type TransportObserver,
} from '../../bus-transport.interface.js';
import { isPattern } from '../../topic-filter.js';
import { BusChannels } from './bus-channels.js';
import { MemberRegistry } from './member-registry.js';

/** Milliseconds that `close()` waits for the removal of this member. If the removal takes longer, the lease expires. */
const LEAVE_MILLISECONDS = 500;

/**
 * The bus in Redis: messages over pub/sub, and members in a registry.
 *
 * @internal
 */
export class RedisTransport implements BusTransport {
  readonly #channels: BusChannels;
  readonly #registry: MemberRegistry;
  /** Channels by their names in Redis. */
  readonly #subscribed = new Map<string, Channel>();
  #observer: TransportObserver | undefined;
  #stop: () => void = () => {};
  #member = '';

  constructor(
    private readonly link: RedisLink,
    keys: RedisKeys,
  ) {
    this.#channels = new BusChannels(keys, link.isCluster);
    this.#registry = new MemberRegistry(
      link,
      keys,
      (place, error) => this.#observer?.onUnreadable(place, error),
      () => this.#observer?.onResumed([]),
    );
  }

  get relaysToPatterns(): boolean {
    return this.link.isCluster;
  }

  get unavailableSince(): number | undefined {
    return this.link.availability.unavailableSince;
  }

  get whyUnusable(): string | undefined {
    return this.link.whyUnusable;
  }

  open(info: MemberInfo, observer: TransportObserver): void {
    this.#member = info.member;
    this.#observer = observer;
    const { availability, subscriber } = this.link;
    const stopWatching = availability.observe({ onAvailable: () => void this.#onAvailable() });
    const stopResuming = subscriber.onResumed(names => this.#onResumed(names));
    this.#stop = () => {
      stopWatching();
      stopResuming();
    };
    void subscriber.subscribe(this.#registry.channel, text => {
      try {
        observer.onMember(this.#registry.heard(text));
      } catch (error) {
        // Any client can publish on this channel. The next list of members corrects the directory.
        observer.onUnreadable(this.#registry.channel, error as Error);
      }
    });
    this.#registry.announce(info).catch(() => {});
  }

  announce(info: MemberInfo): Promise<void> {
    return this.#registry.announce(info);
  }

  async members(): Promise<MemberList> {
    try {
      await this.link.settledClient();
      return await this.#registry.list();
    } catch (error) {
      throw describedError(error as Error);
    }
  }

  async subscribe(channel: Channel): Promise<void> {
    const { subscriber, isCluster } = this.link;
    const name = this.#channels.nameOf(channel);
    const listener = (text: string): void => this.#observer?.onText(channel, text);
    this.#subscribed.set(name, channel);
    if (isPattern(channel) && !isCluster) {
      await subscriber.subscribePattern(name, (text, heard) => {
        if (this.#channels.isTopic(heard)) {
          listener(text);
        }
      });
    } else {
      await subscriber.subscribe(name, listener);
    }
  }

  async unsubscribe(channel: Channel): Promise<void> {
    const name = this.#channels.nameOf(channel);
    this.#subscribed.delete(name);
    await this.link.subscriber.unsubscribe(name);
  }

  async publish(channel: Channel, text: string): Promise<void> {
    const topic = topicOf(channel);
    if (topic !== undefined) {
      this.relay(topic, text);
    }
    try {
      await this.link.publish(this.#channels.nameOf(channel), text);
    } catch (error) {
      throw publicationError(error as Error);
    }
  }

  /** A Redis Cluster does not support patterns for sharded channels, so each pattern has its own channel. */
  relay(topic: string, text: string): void {
    if (this.link.isCluster) {
      for (const pattern of this.#observer?.patternsFor(topic) ?? []) {
        // Not retried: receivers detect the gap by the number of the next event.
        this.link.publish(this.#channels.nameOf(`topic:${pattern}`), text).catch(() => {});
      }
    }
  }

  suspect(): void {
    this.link.suspect();
  }

  forgetMember(member: string): void {
    this.#registry.remove(member).catch(() => {});
  }

  async close(): Promise<void> {
    this.#stop();
    const { subscriber } = this.link;
    const names = [this.#registry.channel, ...this.#subscribed.keys()];
    this.#subscribed.clear();
    const left = Promise.allSettled([
      this.#registry.remove(this.#member),
      ...names.map(name => subscriber.unsubscribe(name)),
    ]);
    await within(LEAVE_MILLISECONDS, left, () => {});
  }

  async #onAvailable(): Promise<void> {
    await this.#registry.announceAgain();
    this.#observer?.onAvailable();
  }

  #onResumed(names: readonly string[]): void {
    const isMembers = names.includes(this.#registry.channel);
    const channels = names.flatMap(name => this.#subscribed.get(name) ?? []);
    if (isMembers || channels.length > 0) {
      this.#observer?.onResumed(channels);
    }
  }
}

function publicationError(cause: Error): Error {
  if (cause instanceof RedisNotReadyError) {
    return new PublicationRefusedError(cause.message, false, { cause });
  }
  return isRefusal(cause)
    ? new PublicationRefusedError(stateMessages.redisSaid(cause.message), isFull(cause), { cause })
    : describedError(cause);
}

/** Opens the transport of the buses of a namespace. @internal */
export function openTransport(link: RedisLink, namespace: string): RedisTransport {
  return new RedisTransport(link, RedisKeys.on(link, namespace));
}
