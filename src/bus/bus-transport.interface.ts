import type { MemberInfo, MemberChange, MemberList } from './membership/bus-member.interface.js';

/**
 * Where something is said: events on a topic, questions on a topic, words to one member or to all.
 * Who subscribes to `topic:` may give a pattern.
 *
 * @internal
 */
export type Channel = `${'topic' | 'ask' | 'to' | 'all'}:${string}`;

const TOPIC = 'topic:';

/** The topic, or the pattern, that a channel is for; `undefined` if it is another kind of channel. @internal */
export function topicOf(channel: Channel): string | undefined {
  return channel.startsWith(TOPIC) ? channel.slice(TOPIC.length) : undefined;
}

/** Stands for rows of which there are too many to tell of each. @internal */
export const ANY_STREAM = '*';

/** Which events a text carries, so that one who cannot be given it can be told what is missing. @internal */
export interface Mark {
  /** Events that are numbered in a row, or {@link ANY_STREAM}. */
  readonly stream: string;
  readonly topic: string;
  /** The number of the last one. */
  readonly last: number;
}

/** The backend has answered that it did not publish something. @internal */
export class PublicationRefusedError extends Error {
  /** @param isFinal whether trying again is of no use */
  constructor(
    message: string,
    readonly isFinal: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a transport brings. @internal */
export interface TransportObserver {
  /** @param channel as it was subscribed to: the pattern, not the topic */
  onText(channel: Channel, text: string): void;
  /** This member was too slow for what was said there, up to and including the mark. */
  onSkipped(channel: Channel, mark: Mark): void;
  onMember(change: MemberChange): void;
  /** Something came from there that is none of what members say. */
  onUnreadable(place: string, error: Error): void;
  /** Can be reached again. */
  onAvailable(): void;
  /**
   * Subscriptions to these channels, or to what is told of members, are there again: what was said
   * meanwhile is lost.
   */
  onResumed(channels: readonly Channel[]): void;
  /** The patterns that somebody has subscribed to, and that a topic matches. */
  patternsFor(topic: string): readonly string[];
}

/**
 * What brings texts from one member to others, and knows which members there are. What is sent on one
 * channel by one member arrives in order, or not at all.
 *
 * @internal
 */
export interface BusTransport {
  /** Since when it cannot be reached, in milliseconds of the monotonic clock; `undefined` while it can. */
  readonly unavailableSince: number | undefined;

  /** Why it must not be used, although it answers: until somebody has done something about it, every call fails. */
  readonly whyUnusable?: string | undefined;

  /** Whether who publishes has to know of a pattern for it to get anything. */
  readonly relaysToPatterns: boolean;

  /** Takes part from now on. Once, before anything else. */
  open(info: MemberInfo, observer: TransportObserver): void;

  /** Tells the others of a change. Resolves when all who ask from now on are told it. */
  announce(info: MemberInfo): Promise<void>;

  /** Everybody who takes part. */
  members(): Promise<MemberList>;

  /**
   * Resolves when what is said there from now on arrives; at the latest when it is clear that it will
   * only once the backend is there.
   */
  subscribe(channel: Channel): Promise<void>;
  unsubscribe(channel: Channel): Promise<void>;

  /**
   * Resolves when the backend has it; rejects when it does not say so. May be tried again.
   *
   * @throws PublicationRefusedError if the backend says that it has not
   */
  publish(channel: Channel, text: string, mark?: Mark): Promise<void>;

  /**
   * What the backend itself has said on a topic, to those who subscribe to patterns, where it does not
   * do that.
   */
  relay(topic: string, text: string): void;

  /** The backend owes an answer for too long. */
  suspect(): void;

  /** Sees to it that everybody knows that a member, of another process, is gone. */
  forgetMember(member: string): void;

  /** Takes part no longer. */
  close(): Promise<void>;
}
