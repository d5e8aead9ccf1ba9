import type { Sender } from '../membership/bus-member.interface.js';

/** Consecutively numbered events of one sender on one topic. @internal */
export interface EventsText {
  readonly from: Sender;
  readonly topic: string;
  /** Identifies the numbering: the sender changes it when it restarts the numbering. */
  readonly run: number;
  readonly first: number;
  readonly events: readonly SentEvent[];
}

/** @internal */
export interface SentEvent {
  readonly payload: unknown;
  /** `false` if the event is not for its sender. */
  readonly self?: false | undefined;
  /** The selected member of each group, by the keys of the groups. */
  readonly to?: Readonly<Record<string, string>> | undefined;
}

/** An event that the backend has stored. The backend builds this message. @internal */
export interface DurableEventText {
  readonly kept: string;
  readonly event: DurableEvent;
}

/** @internal */
export interface DurableEvent extends SentEvent {
  readonly from: Sender;
  readonly topic: string;
}

/** Requests of one member on a topic. @internal */
export interface RequestsText {
  readonly from: Sender;
  readonly topic: string;
  readonly requests: readonly SentRequest[];
}

/** @internal */
export interface SentRequest {
  /** Identifies the request. */
  readonly question: string;
  readonly payload: unknown;
}

/** A message to one member. @internal */
export type PrivateText = RepliesText | HighWaterMarksText | RelayedPatternsText;

/** Answers of one member to requests of another. @internal */
export interface RepliesText {
  readonly from: Sender;
  readonly replies: readonly SentReply[];
}

/** @internal */
export interface SentReply {
  /** The request that is answered. */
  readonly answers: string;
  readonly value?: unknown;
  /** The error message, instead of a value. */
  readonly error?: string;
}

/** Confirms that a publisher relays its events to these patterns of the receiver, and to no others. @internal */
export interface RelayedPatternsText {
  readonly relaysTo: readonly string[];
  /** The name of the publisher. */
  readonly publisher: string;
}

/** The high-water marks of a sender, for the topics that it was asked for. @internal */
export interface HighWaterMarksText {
  readonly headsOf: Sender;
  readonly heads: readonly HighWaterMark[];
}

/** @internal */
export interface HighWaterMark {
  readonly topic: string;
  readonly run: number;
  /** The number of the last event. */
  readonly last: number;
  /** Milliseconds since the first event. */
  readonly age: number;
}

/** Asks all members for their high-water marks. @internal */
export interface HighWaterMarksRequest {
  readonly asks: string;
  readonly filters: readonly string[];
}

/** Returns the message for a stored event: the same as the Redis script publishes. @internal */
export function durableEventText(offset: string, event: string): string {
  return `{"kept":"${offset}","event":${event}}`;
}

/** Returns the name of the stream of a topic's stored events. @internal */
export function durableStreamOf(epoch: number, topic: string): string {
  return `kept.${epoch}.${topic}`;
}

/** Returns the name of a stream of numbered events. @internal */
export function streamOf(member: string, run: number, topic: string): string {
  return `${member}.${run}.${topic}`;
}

/** Returns an event as JSON, around a payload that already is JSON. @internal */
export function eventText(
  payload: string,
  { self, to }: Omit<SentEvent, 'payload'>,
  head = '',
): string {
  const notForSelf = self === false ? ',"self":false' : '';
  const forWhom = to ? `,"to":${JSON.stringify(to)}` : '';
  return `{${head}"payload":${payload}${notForSelf}${forWhom}}`;
}
