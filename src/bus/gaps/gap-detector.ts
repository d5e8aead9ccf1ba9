import type { Mark } from '../bus-transport.interface.js';
import type { Sender } from '../membership/bus-member.interface.js';
import { type HighWaterMark, streamOf } from '../payload/bus-message.js';
import type { Gap } from './gap.interface.js';
import type { Step } from './offset-step.js';
import { SequenceTracker } from './sequence-tracker.js';

/** What arrives, compared with what has arrived. @internal */
export interface CheckedArrival {
  /** What is missing just before. */
  readonly gap: Gap | undefined;
  /** How many of the events have been there already. */
  readonly known: number;
}

/**
 * Finds the gaps in what arrives live: numbers that are left out, marks in the place of what a transport
 * could not bring, and publishers that have got further than what has arrived of them.
 *
 * @internal
 */
export class GapDetector {
  readonly #sequences = new SequenceTracker();
  #openedAt = Infinity;

  /** From now on, by the monotonic clock, everything should arrive. */
  opened(now: number): void {
    this.#openedAt = Math.min(this.#openedAt, now);
  }

  /** Events `first` to `first + count - 1` of a stream have arrived. */
  arrived(topic: string, stream: string, first: number, count: number): CheckedArrival {
    const { missed, known } = this.#sequences.take(stream, first, count);
    return { gap: gapOf(topic, missed, 'connection'), known };
  }

  /** The transport could not bring what was said up to there. */
  skipped({ stream, topic, last }: Mark): Gap | undefined {
    return gapOf(topic, this.#sequences.skip(stream, last, last - 1), 'slow');
  }

  /** How far a sender has got, after the transport was cut off: what has not come, will not come. */
  compare(
    { member }: Sender,
    { topic, run, last, age }: HighWaterMark,
    now: number,
  ): Gap | undefined {
    const stream = streamOf(member, run, topic);
    // Of what began before the subscription and has not been heard of, nobody knows since when it is missed.
    const hasBegunSince = now - age > this.#openedAt;
    return this.#sequences.knows(stream) || hasBegunSince
      ? gapOf(topic, this.#sequences.skip(stream, last, 0), 'connection')
      : undefined;
  }
}

/** The gap between two events of a log that are read one after the other, if there is one. @internal */
export function gapInLog(topic: string, step: Step): Gap | undefined {
  return step.type === 'lost'
    ? { topic, missed: undefined, reason: 'lost' }
    : gapOf(topic, step.type === 'trimmed' ? step.missed : 0, 'trimmed');
}

function gapOf(topic: string, missed: number, reason: Gap['reason']): Gap | undefined {
  return missed > 0 ? { topic, missed, reason } : undefined;
}
