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
import { GapDetector } from './gap-detector.js';

/**
 * The events of one topic, or of the topics of one pattern, for all subscribers in this process. Delivers each event
 * once and in order, and reports gaps.
 *
 * @internal
 */
export class TopicFeed {
  readonly #listeners = new Set<FeedListener>();
  readonly #gaps = new GapDetector();

  constructor(
    readonly filter: string,
    private readonly matches: (topic: string) => boolean,
    /** The name of this member. */
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
      this.#takeDurable(message, characterBytes(text));
    } else if (this.matches(message.topic)) {
      this.#takeEvents(message, characterBytes(text));
    }
  }

  /** Called when the transport dropped the events up to the mark. */
  skipped(mark: Mark): void {
    this.#tell(this.#gaps.skipped(mark));
    this.#listeners.forEach(listener => listener.onResumed());
  }

  /** Called when all later events should arrive. @param now monotonic time in milliseconds */
  opened(now: number): void {
    this.#gaps.opened(now);
  }

  /** Called after an interruption of the transport. */
  resumed(): void {
    this.#listeners.forEach(listener => listener.onResumed());
  }

  /**
   * Compares a publisher's high-water mark, after an interruption, with what has arrived. The rest counts as missed.
   */
  compare(sender: Sender, mark: HighWaterMark, now: number): void {
    if (this.matches(mark.topic)) {
      this.#tell(this.#gaps.compare(sender, mark, now));
    }
  }

  #takeEvents({ from, topic, run, first, events }: EventsText, bytes: number): void {
    const stream = streamOf(from.member, run, topic);
    const { gap, known } = this.#gaps.arrived(topic, stream, first, events.length);
    this.#tell(gap);
    const size = Math.ceil(bytes / events.length) + EVENT_BYTES;
    for (let index = known; index < events.length; index++) {
      // Built by hand, so that all events have the same hidden class, which is faster.
      const { payload, self, to } = events[index] as SentEvent;
      this.#offer({ payload, self, to, from, topic, size });
    }
  }

  #takeDurable({ kept, event }: DurableEventText, bytes: number): void {
    if (!this.matches(event.topic)) {
      return;
    }
    const { epoch, n } = parseOffset(kept);
    const stream = durableStreamOf(epoch, event.topic);
    const { gap, known } = this.#gaps.arrived(event.topic, stream, n, 1);
    if (known === 0) {
      this.#tell(gap);
      this.#offer({ ...event, offset: kept, size: bytes + EVENT_BYTES });
    }
  }

  #offer(event: ArrivedEvent): void {
    if (event.self === false && event.from.member === this.self) {
      // Log readers still need its offset.
      if (event.offset !== undefined) {
        this.#listeners.forEach(listener => listener.onPassed(event));
      }
      return;
    }
    let left = this.#listeners.size;
    for (const listener of this.#listeners) {
      // Listeners may change the payload, so each gets a copy; the last one gets the original.
      left--;
      listener.onEvent(left === 0 ? event : { ...event, payload: structuredClone(event.payload) });
    }
  }

  #tell(gap: Gap | undefined): void {
    if (gap) {
      this.#listeners.forEach(listener => listener.onGap({ ...gap }));
    }
  }
}
