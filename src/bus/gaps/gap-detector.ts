import type { Mark } from '../bus-transport.interface.js';
import type { Sender } from '../membership/bus-member.interface.js';
import { type HighWaterMark, streamOf } from '../payload/bus-message.js';
import type { Gap } from './gap.interface.js';
import type { Step } from './offset-step.js';
import { SequenceTracker } from './sequence-tracker.js';

/** How arriving events compare with those that have arrived before. @internal */
export interface CheckedArrival {
  /** The gap just before them. */
  readonly gap: Gap | undefined;
  /** Number of events among them that have arrived before. */
  readonly known: number;
}

/**
 * Finds gaps in live events from three sources: skipped sequence numbers, marks of the transport for dropped events,
 * and high-water marks of publishers.
 *
 * @internal
 */
export class GapDetector {
  readonly #sequences = new SequenceTracker();
  #openedAt = Infinity;

  /** Called when all later events should arrive. @param now monotonic time in milliseconds */
  opened(now: number): void {
    this.#openedAt = Math.min(this.#openedAt, now);
  }

  /** Records that the events `first` to `first + count - 1` of a stream have arrived. */
  arrived(topic: string, stream: string, first: number, count: number): CheckedArrival {
    const { missed, known } = this.#sequences.take(stream, first, count);
    return { gap: gapOf(topic, missed, 'connection'), known };
  }

  /** Returns the gap if the transport dropped the events up to the mark. */
  skipped({ stream, topic, last }: Mark): Gap | undefined {
    return gapOf(topic, this.#sequences.skip(stream, last, last - 1), 'slow');
  }

  /**
   * Compares a publisher's high-water mark, after an interruption, with what has arrived. The rest counts as missed.
   */
  compare(
    { member }: Sender,
    { topic, run, last, age }: HighWaterMark,
    now: number,
  ): Gap | undefined {
    const stream = streamOf(member, run, topic);
    // A stream that started before the subscription and is unknown here: its events may be older than the subscription.
    const hasBegunSince = now - age > this.#openedAt;
    return this.#sequences.knows(stream) || hasBegunSince
      ? gapOf(topic, this.#sequences.skip(stream, last, 0), 'connection')
      : undefined;
  }
}

/** Returns the gap between two consecutively read events of a log, if there is one. @internal */
export function gapInLog(topic: string, step: Step): Gap | undefined {
  return step.type === 'lost'
    ? { topic, missed: undefined, reason: 'lost' }
    : gapOf(topic, step.type === 'trimmed' ? step.missed : 0, 'trimmed');
}

function gapOf(topic: string, missed: number, reason: Gap['reason']): Gap | undefined {
  return missed > 0 ? { topic, missed, reason } : undefined;
}
