import type { MemberInfo, MemberList } from './membership/bus-member.interface.js';
import type { MemberChange } from './membership/member-change.js';

/**
 * A channel of the transport: events on a topic, requests on a topic, messages to one member or to all members.
 * Subscriptions to `topic:` may be patterns.
 *
 * @internal
 */
export type Channel = `${'topic' | 'ask' | 'to' | 'all'}:${string}`;

const TOPIC = 'topic:';

/** Returns the topic or pattern of a channel; `undefined` for other kinds of channels. @internal */
export function topicOf(channel: Channel): string | undefined {
  return channel.startsWith(TOPIC) ? channel.slice(TOPIC.length) : undefined;
}

/** The stream of a mark that covers more streams than are reported separately. @internal */
export const ANY_STREAM = '*';

/** Identifies the events in a message, so that a receiver for which it was dropped learns what it missed. @internal */
export interface Mark {
  /** The name of a stream of numbered events, or {@link ANY_STREAM}. */
  readonly stream: string;
  readonly topic: string;
  /** The number of the last event. */
  readonly last: number;
}

/** The backend replied that it did not publish a message. @internal */
export class PublicationRefusedError extends Error {
  /** @param isFinal whether a retry would fail, too */
  constructor(
    message: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Receives messages and changes from a transport. @internal */
export interface TransportObserver {
  /** @param channel the channel of the subscription: with a pattern, not the topic */
  onText(channel: Channel, text: string): void;
  /** Called when messages up to and including the mark were dropped, because this member was too slow. */
  onSkipped(channel: Channel, mark: Mark): void;
  onMember(change: MemberChange): void;
  /** Called for a message that no member of the bus can have sent. */
  onUnreadable(place: string, error: Error): void;
  /** Called when the backend is available again. */
  onAvailable(): void;
  /**
   * Called when subscriptions to these channels, or to membership changes, are restored. Messages in the meantime are
   * lost.
   */
  onResumed(channels: readonly Channel[]): void;
  /** Returns the patterns with subscribers that a topic matches. */
  patternsFor(topic: string): readonly string[];
}

/**
 * Delivers messages between members, and knows the list of members. Messages of one member on one channel arrive in
 * order, or not at all.
 *
 * @internal
 */
export interface BusTransport {
  /** When the backend became unreachable, in milliseconds of the monotonic clock; `undefined` while it is reachable. */
  readonly unavailableSince: number | undefined;

  /** Why the backend must not be used although it answers. Every call fails until an operator fixes it. */
  readonly whyUnusable?: string | undefined;

  /** Whether publishers must know a pattern so that its subscribers get events. */
  readonly relaysToPatterns: boolean;

  /** Joins the bus. Called once, before all other methods. */
  open(info: MemberInfo, observer: TransportObserver): void;

  /** Announces a change of this member. Resolves when later calls of `members()` return it. */
  announce(info: MemberInfo): Promise<void>;

  /** Returns all members. */
  members(): Promise<MemberList>;

  /**
   * Resolves when later messages on the channel arrive, or when it is known that they will only arrive once the
   * backend is available.
   */
  subscribe(channel: Channel): Promise<void>;
  unsubscribe(channel: Channel): Promise<void>;

  /**
   * Resolves when the backend has accepted the message; rejects if it did not confirm that. May be retried.
   *
   * @throws PublicationRefusedError if the backend refused the message
   */
  publish(channel: Channel, text: string, mark?: Mark): Promise<void>;

  /**
   * Delivers a message that the backend itself has published on a topic to the subscribers of patterns, if the
   * backend does not do that.
   */
  relay(topic: string, text: string): void;

  /** Called when an answer of the backend is overdue. */
  suspect(): void;

  /** Announces that a member in another process has ended. */
  forgetMember(member: string): void;

  /** Leaves the bus. */
  close(): Promise<void>;
}
