import { BEGINNING } from '../../../state/offset.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import type { Gap } from '../../gaps/gap.interface.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import { gapInLog } from '../../gaps/gap-detector.js';
import { isAfter, stepBetween } from '../../gaps/offset-step.js';
import { type LogReaderState, mayBecome } from './log-reader-states.js';

/** Between attempts to read from a backend that does not answer. */
const RETRY_MILLISECONDS = 500;

/** After so many reads in a row that brought nothing of it, what comes before events that have arrived is lost. */
const MAX_FRUITLESS_READS = 4;

/** Milliseconds that events of several publishers may overtake each other by. */
const PATIENCE = 100;

/** So many that have arrived wait for what comes before them; the rest is read again. */
const MAX_AHEAD = 1_000;

/** An event with its place. @internal */
export type PlacedEvent = ArrivedEvent & { readonly offset: string };

/** Where a reader begins. @internal */
export interface ReaderStart {
  /** The offset after which it begins; otherwise, after all that is there. */
  readonly after?: string | undefined;
  /** Whether the event at which it begins is given as the last one from before. */
  readonly withLast: boolean;
}

/** What a reader gives to. @internal */
export interface ReaderSink {
  /** Takes it in any case, but then wishes for no more while it is full. */
  give(event: PlacedEvent): void;
  tell(gap: Gap): void;
  readonly isFull: boolean;
}

/**
 * Reads one topic that is kept, in order and without holes: what arrives live as long as it follows on
 * what was read before, and otherwise from the history until it does.
 *
 * @internal
 */
export class LogReader {
  #state: LogReaderState = 'starting';
  #offset = BEGINNING;
  /** What has arrived live before what comes before it, in order. */
  #ahead: PlacedEvent[] = [];
  /** Reads in a row that brought nothing of what comes before that. */
  #fruitless = 0;
  #retry: NodeJS.Timeout | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(
    private readonly topic: string,
    private readonly kept: DurableTopics,
    private readonly sink: ReaderSink,
    /** Whether all is kept that somebody may miss, and not only the last one. */
    private readonly keepsAll: boolean,
  ) {}

  /**
   * Resolves when nothing will be missed that is published from now on.
   *
   * @returns the offset after which it begins
   */
  async start({ after, withLast }: ReaderStart): Promise<string> {
    const newest = after === undefined || withLast ? await this.kept.newest(this.topic) : null;
    const begin = after ?? newest?.[0] ?? BEGINNING;
    this.#offset = begin;
    if (withLast && newest?.[0] === begin && this.#state !== 'closed') {
      const event = this.kept.read(this.topic, newest);
      if (event) {
        this.sink.give({ ...event, retained: true });
      }
    }
    // What follows on the newest arrives live, or has arrived: to read it would overtake it.
    if (this.#become(after === undefined ? 'following' : 'behind')) {
      this.#giveAhead(event => this.#isNext(event));
      if (this.#state === 'behind' || this.#ahead.length > 0) {
        this.read();
      }
    }
    return begin;
  }

  live(event: PlacedEvent): void {
    if (this.#state === 'closed') {
      return;
    }
    const step = stepBetween(this.#offset, event.offset).type;
    if (step === 'known') {
      this.#look();
    } else if (step === 'next' && this.#state === 'following' && !this.sink.isFull) {
      this.#give(event);
      this.#giveAhead(next => this.#isNext(next));
    } else if (this.#ahead.length < MAX_AHEAD && !this.sink.isFull) {
      this.#ahead.push(event);
      // What is being read now may be all that is missing.
      if (!this.#isReading) {
        this.#look();
      }
    } else {
      this.read();
    }
  }

  /** There may be something in the history that did not arrive, or there is room again. */
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

  /**
   * Reads what is missing: at once where all of it is kept; otherwise only if it has not arrived a moment
   * later, for the history has not got it any more.
   */
  #look(): void {
    if (this.#fruitless > 1) {
      // It is read again in a moment.
      return;
    }
    if (this.keepsAll) {
      this.read();
    } else if (this.#ahead.length > 0) {
      this.#later ??= setTimeout(() => {
        this.#later = undefined;
        if (this.#ahead.length > 0) {
          this.read();
        }
      }, PATIENCE);
    }
  }

  close(): void {
    this.#become('closed');
    clearTimeout(this.#retry);
    clearTimeout(this.#later);
  }

  get #isReading(): boolean {
    return this.#state === 'reading' || this.#state === 'rereading';
  }

  /** @returns whether it has changed to this state */
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
        // What has just arrived may not have been in the history when that was read.
        if (this.#fruitless > 1) {
          this.#readLater();
          return;
        }
      } while (this.#state === 'rereading' && !this.sink.isFull);
      this.#become(this.#state === 'rereading' ? 'behind' : 'following');
    } catch {
      // Whoever publishes is told what is the matter with the backend.
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
    const { entries, last } = await this.kept.after(this.topic, offset);
    if (this.#state === 'closed') {
      return;
    }
    for (const entry of entries) {
      // A history that keeps little may have dropped what has arrived here.
      this.#giveAhead(event => isAfter(entry[0], event.offset));
      const event = this.kept.read(this.topic, entry);
      if (event) {
        this.#give(event);
      } else {
        this.#pass(entry[0]);
      }
    }
    if (entries.length > 0 && entries.at(-1)![0] !== last) {
      this.#fruitless = 0;
      this.#become('rereading');
      return;
    }
    if (entries.length === 0 && isAfter(this.#offset, last)) {
      // Another master has taken over that had not got all: what is new has numbers that were used before.
      this.#offset = last;
      this.sink.tell({ topic: this.topic, missed: undefined, reason: 'lost' });
    }
    this.#giveAhead(event => this.#isNext(event));
    const isFruitless = this.#ahead.length > 0 && this.#offset === offset;
    this.#fruitless = isFruitless ? this.#fruitless + 1 : 0;
    if (this.#fruitless === MAX_FRUITLESS_READS) {
      this.#fruitless = 0;
      // The backend has lost what comes before, after it had told of what has arrived.
      this.#giveAhead(() => true, 'lost');
    }
    if (this.#ahead.length > 0) {
      this.#become('rereading');
    }
  }

  #isNext({ offset }: PlacedEvent): boolean {
    return stepBetween(this.#offset, offset).type === 'next';
  }

  /** Gives what has arrived, as long as it may be given, and drops what has been given. */
  #giveAhead(mayGive: (event: PlacedEvent) => boolean, why?: 'lost'): void {
    const ahead = this.#ahead;
    let place = 0;
    while (
      place < ahead.length &&
      (!isAfter(ahead[place]!.offset, this.#offset) || mayGive(ahead[place]!))
    ) {
      this.#give(ahead[place]!, why);
      place++;
    }
    this.#ahead = ahead.slice(place);
  }

  #give(event: PlacedEvent, why?: 'lost'): void {
    if (this.#advance(event.offset, why)) {
      this.sink.give(event);
    }
  }

  /** One that cannot be read is missed: whoever reads on must not come to it again. */
  #pass(offset: string): void {
    if (this.#advance(offset)) {
      this.sink.tell({ topic: this.topic, missed: 1, reason: 'lost' });
    }
  }

  /**
   * @param why it may have missed some, if they were not trimmed
   * @returns whether it has not been there before
   */
  #advance(offset: string, why?: 'lost'): boolean {
    const step = stepBetween(this.#offset, offset);
    if (step.type === 'known') {
      return false;
    }
    const gap = gapInLog(this.topic, step);
    if (gap) {
      this.sink.tell({ ...gap, reason: why ?? gap.reason });
    }
    this.#offset = offset;
    return true;
  }
}
