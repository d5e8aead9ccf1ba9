import { characterBytes } from '../../system/text/character-bytes.js';
import type { ArrivedEvent, FeedListener } from '../subscribe/arrived-event.interface.js';
import {
  type EventsText,
  type HighWaterMark,
  durableStreamOf,
  type DurableEventText,
  type SentEvent,
  streamOf,
} from '../payload/bus-message.js';
import type { Sender } from '../membership/bus-member.interface.js';
import type { Channel, Mark } from '../bus-transport.interface.js';
import type { Gap } from './gap.interface.js';
import { EVENT_BYTES } from '../subscribe/durable/durable-event.js';
import { parseOffset } from '../../state/offset.js';
import { topicTextShape } from '../payload/bus-message.shapes.js';
import { readText } from '../payload/read-message.js';
import { SequenceTracker } from './sequence-tracker.js';

/**
 * What arrives on one topic, or on the topics of one pattern, for all who subscribe to it here: each
 * event once, and in order; and what is missing.
 *
 * @internal
 */
export class TopicFeed {
  readonly #listeners = new Set<FeedListener>();
  readonly #sequences = new SequenceTracker();
  #openedAt = Infinity;

  constructor(
    readonly filter: string,
    private readonly matches: (topic: string) => boolean,
    /** This member's own name. */
    private readonly self: string,
  ) {}

  get channel(): Channel {
    return `topic:${this.filter}`;
  }

  get isUnused(): boolean {
    return this.#listeners.size === 0;
  }

  add(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  remove(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  take(text: string): void {
    const message = readText(text, topicTextShape);
    if ('kept' in message) {
      this.#takeKept(message, characterBytes(text));
    } else if (this.matches(message.topic)) {
      this.#takeEvents(message, characterBytes(text));
    }
  }

  /** The transport could not bring what was said up to there. */
  skipped({ stream, topic, last }: Mark): void {
    this.#tell(topic, this.#sequences.skip(stream, last, last - 1), 'slow');
    this.#listeners.forEach(listener => listener.onResumed());
  }

  /** From now on, by the monotonic clock, everything should arrive. */
  opened(now: number): void {
    this.#openedAt = Math.min(this.#openedAt, now);
  }

  /** The transport was cut off, and is not any more. */
  resumed(): void {
    this.#listeners.forEach(listener => listener.onResumed());
  }

  /** How far a sender has got, after the transport was cut off: what has not come, will not come. */
  compare(sender: Sender, { topic, run, last, age }: HighWaterMark, now: number): void {
    const stream = streamOf(sender.member, run, topic);
    if (!this.matches(topic)) {
      return;
    }
    // Of what began before the subscription and has not been heard of, nobody knows since when it is missed.
    const hasBegunSince = now - age > this.#openedAt;
    if (this.#sequences.knows(stream) || hasBegunSince) {
      this.#tell(topic, this.#sequences.skip(stream, last, 0), 'connection');
    }
  }

  #takeEvents({ from, topic, run, first, events }: EventsText, bytes: number): void {
    const stream = streamOf(from.member, run, topic);
    const { missed, known } = this.#sequences.take(stream, first, events.length);
    this.#tell(topic, missed, 'connection');
    const size = Math.ceil(bytes / events.length) + EVENT_BYTES;
    for (let index = known; index < events.length; index++) {
      // Put together by hand, and always alike: it is faster.
      const { payload, self, to } = events[index] as SentEvent;
      this.#offer({ payload, self, to, from, topic, size });
    }
  }

  #takeKept({ kept, event }: DurableEventText, bytes: number): void {
    if (!this.matches(event.topic)) {
      return;
    }
    const { epoch, n } = parseOffset(kept);
    const { missed, known } = this.#sequences.take(durableStreamOf(epoch, event.topic), n, 1);
    if (known === 0) {
      this.#tell(event.topic, missed, 'connection');
      this.#offer({ ...event, offset: kept, size: bytes + EVENT_BYTES });
    }
  }

  #offer(event: ArrivedEvent): void {
    if (event.self === false && event.from.member === this.self) {
      // Who reads what is kept has to know of it all the same.
      if (event.offset !== undefined) {
        this.#listeners.forEach(listener => listener.onPassed(event));
      }
      return;
    }
    let left = this.#listeners.size;
    for (const listener of this.#listeners) {
      // One that changes what it is given changes nothing for the others: the last has the original.
      left--;
      listener.onEvent(left === 0 ? event : { ...event, payload: structuredClone(event.payload) });
    }
  }

  #tell(topic: string, missed: number, reason: Gap['reason']): void {
    if (missed > 0) {
      this.#listeners.forEach(listener => listener.onGap({ topic, missed, reason }));
    }
  }
}
