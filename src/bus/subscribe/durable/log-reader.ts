import { BEGINNING } from '../../../state/offset.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import type { Gap } from '../../gaps/gap.interface.js';
import type { LogEntry } from '../../../state/operation.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import { gapInLog } from '../../gaps/gap-detector.js';
import { isAfter, type Step, stepBetween } from '../../gaps/offset-step.js';
import { type LogReaderState, mayBecome } from './log-reader-states.js';
import { ReorderBuffer } from './reorder-buffer.js';

/** Delay between attempts to read from a backend that does not answer. */
const RETRY_MILLISECONDS = 500;

/** Number of consecutive reads without the events before the waiting ones, after which those count as lost. */
const MAX_FRUITLESS_READS = 4;

/**
 * Milliseconds to wait for an event that was overtaken: by one of another publisher, or by the answer to a read, which
 * with RESP2 comes over another connection.
 */
const PATIENCE = 100;

/** An event with its offset. @internal */
export type PlacedEvent = ArrivedEvent & { readonly offset: string };

/** Where a reader starts. @internal */
export interface ReaderStart {
  /** The offset after which it starts; the end of the log by default. */
  readonly after?: string | undefined;
  /** Whether the event at the start offset is delivered first, as the retained event. */
  readonly withLast: boolean;
}

/** Where an event is in the log. */
interface Place {
  /** The offset of the event just before it, if it was read from the log. */
  readonly follows?: string | undefined;
  /** The reason to report for a gap instead of `trimmed`. */
  readonly why?: 'lost' | undefined;
}

/** The destination of the events that a reader delivers. @internal */
export interface ReaderSink {
  /** Accepts an event even if it is full. The reader stops reading while `isFull` is true. */
  give(event: PlacedEvent): void;
  tell(gap: Gap): void;
  readonly isFull: boolean;
}

/**
 * Delivers the events of one durable or retained topic in order and without holes. Live events are delivered directly
 * while they follow on the last delivered one; otherwise the reader reads the log until they do.
 *
 * @internal
 */
export class LogReader {
  #state: LogReaderState = 'starting';
  #offset = BEGINNING;
  /** Live events that wait for the events before them. If it is full, further ones are read from the log. */
  #ahead = new ReorderBuffer<PlacedEvent>();
  /** Number of consecutive reads that returned none of the events before those. */
  #fruitless = 0;
  #retry: NodeJS.Timeout | undefined;
  #later: NodeJS.Timeout | undefined;
  #lastCall: NodeJS.Immediate | undefined;
  /** Whether more live events have arrived than can wait until the first offset is known. */
  #hasOverflowed = false;

  constructor(
    private readonly topic: string,
    private readonly topics: DurableTopics,
    private readonly sink: ReaderSink,
    /** Whether the log has all events (`durable`), and not only the last one (`retain`). */
    private readonly keepsAll: boolean,
  ) {}

  /**
   * Resolves when no event that is published from now on will be missed.
   *
   * @returns the offset after which it starts
   */
  async start({ after, withLast }: ReaderStart): Promise<string> {
    const newest = after === undefined || withLast ? await this.#newest() : null;
    const begin = after ?? newest?.[0] ?? BEGINNING;
    this.#offset = begin;
    if (withLast && newest?.[0] === begin && this.#state !== 'closed') {
      const event = this.topics.read(this.topic, newest);
      if (event) {
        this.sink.give({ ...event, retained: true });
      }
    }
    // Events after the newest one arrive live. Reading them from the log would overtake these.
    if (this.#become(after === undefined ? 'following' : 'behind')) {
      this.#giveAhead(this.#isNext);
      if (this.#state === 'behind' || !this.#ahead.isEmpty) {
        this.read();
      }
    }
    return begin;
  }

  live(event: PlacedEvent): void {
    if (this.#state === 'closed') {
      return;
    }
    const step = this.#stepBetween(this.#offset, event.offset).type;
    if (step === 'known') {
      this.#look();
    } else if (step === 'next' && this.#state === 'following' && !this.sink.isFull) {
      this.#give(event);
      this.#giveAhead(this.#isNext);
    } else if (this.#state === 'starting' && this.#ahead.isFull) {
      this.#ahead = new ReorderBuffer();
      this.#ahead.insert(event);
      this.#hasOverflowed = true;
    } else if (!this.#ahead.isFull && !this.sink.isFull) {
      this.#ahead.insert(event);
      // The read under way may return everything that is missing.
      if (!this.#isReading) {
        this.#look();
      }
    } else {
      this.read();
    }
  }

  /** Reads the log: called when an event may not have arrived, or when there is room again. */
  read(): void {
    if (this.#isReading) {
      this.#become('rereading');
    } else if (this.#state !== 'starting') {
      this.#become('behind');
      if (this.#state === 'behind' && !this.sink.isFull) {
        void this.#readAll();
      }
    }
  }

  /** Delivers nothing more. */
  close(): void {
    this.#become('closed');
    clearTimeout(this.#retry);
    clearTimeout(this.#later);
    clearImmediate(this.#lastCall);
  }

  /**
   * Reads the missing events of a durable log. Otherwise the log has only the last event, and the missing ones can only
   * arrive: if they do not for a moment, they are lost.
   */
  #look(): void {
    if (this.#fruitless > 1) {
      // A retry is scheduled already.
      return;
    }
    if (this.keepsAll) {
      this.read();
    } else if (!this.#ahead.isEmpty) {
      this.#later ??= setTimeout(() => {
        // If this process was blocked, they may have arrived, and are read now.
        this.#lastCall = setImmediate(() => {
          this.#later = undefined;
          this.#giveUpMissing();
        });
      }, PATIENCE);
    }
  }

  /** Delivers what waits for events that did not arrive. A read under way decides that again when it is answered. */
  #giveUpMissing(): void {
    if (this.#state === 'following' && !this.sink.isFull) {
      this.#giveAhead(() => true);
    } else if (!this.#ahead.isEmpty && !this.#isReading) {
      this.read();
    }
  }

  get #isReading(): boolean {
    return this.#state === 'reading' || this.#state === 'rereading';
  }

  /** Changes the state if the transition is allowed. @returns whether it is */
  #become(state: LogReaderState): boolean {
    const may = mayBecome(this.#state, state);
    if (may) {
      this.#state = state;
    }
    return may;
  }

  async #readAll(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      do {
        this.#become('reading');
        await this.#readSome();
        // The log may not have contained the events yet that have just arrived live.
        if (this.#fruitless > 1) {
          this.#readLater();
          return;
        }
      } while (this.#state === 'rereading' && !this.sink.isFull);
      this.#become(this.#state === 'rereading' ? 'behind' : 'following');
    } catch (error) {
      this.topics.stalled(this.topic, error);
      this.#readLater();
    }
  }

  #readLater(): void {
    if (this.#become('behind')) {
      this.#retry = setTimeout(() => this.read(), RETRY_MILLISECONDS);
    }
  }

  async #readSome(): Promise<void> {
    const offset = this.#offset;
    const { entries, last, follows } = await this.topics.after(this.topic, offset);
    if (this.#state === 'closed') {
      return;
    }
    if (entries.length === 0 && isAfter(this.#offset, last)) {
      await this.#goBackTo(last);
    }
    if (!this.keepsAll) {
      this.#takeLast(entries[0]);
      return;
    }
    let previous = follows ? offset : undefined;
    for (const entry of entries) {
      // A log with few events may have trimmed those that have arrived live.
      this.#giveAhead(event => isAfter(entry[0], event.offset));
      const event = this.topics.read(this.topic, entry);
      if (event) {
        this.#give(event, { follows: previous });
      } else {
        this.#pass(entry[0], previous);
      }
      previous = entry[0];
    }
    if (entries.length > 0 && entries.at(-1)![0] !== last) {
      this.#fruitless = 0;
      this.#become('rereading');
      return;
    }
    this.#giveAhead(this.#isNext);
    const isFruitless = !this.#ahead.isEmpty && this.#offset === offset;
    this.#fruitless = isFruitless ? this.#fruitless + 1 : 0;
    if (this.#fruitless === MAX_FRUITLESS_READS) {
      this.#fruitless = 0;
      // The backend lost the events before the waiting ones.
      this.#giveAhead(() => true, 'lost');
    }
    if (!this.#ahead.isEmpty) {
      this.#become('rereading');
    }
  }

  /** A failover to a replica that lacks the last events, or a restart from an older file: the log ends earlier. */
  async #goBackTo(last: string): Promise<void> {
    // Before anything changes: if this fails, it is tried again.
    const newest = this.keepsAll ? null : await this.#newest();
    if (this.#state === 'closed') {
      return;
    }
    this.#offset = newest?.[0] ?? last;
    this.sink.tell({ topic: this.topic, missed: undefined, reason: 'lost' });
    // The value that was lost does not count any more.
    const event = newest && this.topics.read(this.topic, newest);
    if (event) {
      this.sink.give({ ...event, retained: true });
    }
  }

  /**
   * Returns the last event of the log, read again if more live events have arrived meanwhile than can wait: then it
   * is one of them, or a later one.
   */
  async #newest(): Promise<LogEntry | null> {
    let newest: LogEntry | null;
    do {
      this.#hasOverflowed = false;
      newest = await this.topics.newest(this.topic);
    } while (this.#hasOverflowed);
    return newest;
  }

  /** Takes the last event of a log that has no other. The events before it may still be on their way. */
  #takeLast(entry: LogEntry | undefined): void {
    const event = entry && this.topics.read(this.topic, entry);
    if (event) {
      this.#ahead.insert(event);
    } else if (entry) {
      this.#giveAhead(each => isAfter(entry[0], each.offset));
      this.#pass(entry[0]);
    }
    this.#giveAhead(this.#isNext);
    this.#look();
  }

  /** Delivers waiting events in order while `mayGive` allows it, and drops those that were delivered already. */
  #giveAhead(mayGive: (event: PlacedEvent, last: string) => boolean, why?: 'lost'): void {
    const events = this.#ahead.takeWhile(this.#offset, mayGive);
    events.forEach(event => this.#give(event, { why }));
    if (this.#ahead.isEmpty) {
      // The next events that overtake others get the whole time again.
      clearTimeout(this.#later);
      clearImmediate(this.#lastCall);
      this.#later = undefined;
    }
  }

  #give(event: PlacedEvent, place: Place = {}): void {
    if (this.#advance(event.offset, place)) {
      this.sink.give(event);
    }
  }

  /** Skips an event that cannot be read, and reports it as a gap, so that it is not read again. */
  #pass(offset: string, follows?: string): void {
    if (this.#advance(offset, { follows })) {
      this.sink.tell({ topic: this.topic, missed: 1, reason: 'lost' });
    }
  }

  /** @returns whether the offset is new */
  #advance(offset: string, { why, follows }: Place): boolean {
    const step = this.#stepBetween(this.#offset, offset);
    if (step.type === 'known') {
      return false;
    }
    const isComplete = step.type === 'lost' && follows === this.#offset;
    const gap = isComplete ? undefined : gapInLog(this.topic, step);
    if (gap) {
      this.sink.tell({ ...gap, reason: why ?? gap.reason });
    }
    this.#offset = offset;
    return true;
  }

  /** A log that has only the last event cannot show whether another server has lost any, so the numbers decide. */
  #stepBetween(last: string, next: string): Step {
    return stepBetween(last, next, !this.keepsAll);
  }

  readonly #isNext = ({ offset }: PlacedEvent, last: string): boolean =>
    this.#stepBetween(last, offset).type === 'next';
}
