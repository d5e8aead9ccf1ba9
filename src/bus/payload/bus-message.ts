import type { Sender } from '../membership/bus-member.interface.js';

/** Events of one sender on one topic, numbered in a row. @internal */
export interface EventsText {
  readonly from: Sender;
  readonly topic: string;
  /** Begins anew, with another number, should the sender have forgotten where it was. */
  readonly run: number;
  readonly first: number;
  readonly events: readonly SentEvent[];
}

/** @internal */
export interface SentEvent {
  readonly payload: unknown;
  /** Not for its sender. */
  readonly self?: false | undefined;
  /** For whom of each group, by the keys of the groups. */
  readonly to?: Readonly<Record<string, string>> | undefined;
}

/** An event that the backend has kept; put together by it. @internal */
export interface DurableEventText {
  readonly kept: string;
  readonly event: DurableEvent;
}

/** @internal */
export interface DurableEvent extends SentEvent {
  readonly from: Sender;
  readonly topic: string;
}

/** @internal */
export interface RequestText {
  readonly question: string;
  readonly from: Sender;
  readonly topic: string;
  readonly payload: unknown;
}

/** What is said to one member. @internal */
export type PrivateText = ReplyText | HighWaterMarksText;

/** @internal */
export interface ReplyText {
  readonly answers: string;
  readonly from: Sender;
  readonly value?: unknown;
  /** In place of a value. */
  readonly error?: string;
}

/** How far a sender has got with the topics that it was asked for. @internal */
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
  /** Milliseconds since the first. */
  readonly age: number;
}

/** Asks all members how far they have got. @internal */
export interface HighWaterMarksRequest {
  readonly asks: string;
  readonly filters: readonly string[];
}

/** What is said on a topic of an event that has been kept: the same that the script says in Redis. @internal */
export function durableEventText(offset: string, event: string): string {
  return `{"kept":"${offset}","event":${event}}`;
}

/** The name of the row of events that are kept of a topic. @internal */
export function durableStreamOf(epoch: number, topic: string): string {
  return `kept.${epoch}.${topic}`;
}

/** The name of a row of numbered events. @internal */
export function streamOf(member: string, run: number, topic: string): string {
  return `${member}.${run}.${topic}`;
}

/** An event as JSON, around a payload that is JSON already. @internal */
export function eventText(
  payload: string,
  { self, to }: Omit<SentEvent, 'payload'>,
  head = '',
): string {
  const notForSelf = self === false ? ',"self":false' : '';
  const forWhom = to ? `,"to":${JSON.stringify(to)}` : '';
  return `{${head}"payload":${payload}${notForSelf}${forWhom}}`;
}
