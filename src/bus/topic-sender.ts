import { BusUnavailableError } from '../errors/bus-unavailable.error.js';
import { monotonicNow } from '../process/monotonic-now.js';
import { eventText, type Head, type SentEvent, streamOf } from './bus-text.js';
import { busMessages } from './bus.messages.js';
import type { BusTransport } from './bus-transport.interface.js';
import { Fifo } from './fifo.js';

/** More at once would keep a Redis server, or the primary, from everybody else for too long. */
const MAX_EVENTS = 500;
const MAX_CHARACTERS = 256 * 1024;

/** Between attempts at a backend that answers but does not work. */
const RETRY_MILLISECONDS = 25;

/** An event that somebody waits to be published. */
interface Waiting {
  readonly text: string;
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Events under way. */
interface Flight {
  readonly waiting: readonly Waiting[];
  readonly text: string;
  readonly last: number;
  /** Until when the first of them has time. */
  readonly deadline: number;
}

/**
 * Publishes the events of this process on one topic: in order, numbered in a row, and all that come while
 * some are under way together. What nobody has confirmed is sent again, under the same numbers, for as long
 * as its publisher waits: who has got it already knows it by them.
 *
 * @internal
 */
export class TopicSender {
  readonly #queue = new Fifo<Waiting>();
  readonly #startedAt = monotonicNow();
  readonly #head: string;
  readonly #stream: string;
  #last = 0;
  /** The last one of which the fate is known. */
  #settled = 0;
  #settledAt = monotonicNow();
  #isSending = false;
  #isClosed = false;
  #wake: () => void = () => {};
  /** What is to be told when the answer to what is under way is late. */
  #late: { readonly deadline: number; readonly reject: (error: Error) => void } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly transport: BusTransport,
    private readonly topic: string,
    private readonly run: number,
    sender: { readonly member: string; readonly text: string },
  ) {
    this.#head = `{"from":${sender.text},"topic":${JSON.stringify(topic)},"run":${run},"first":`;
    this.#stream = streamOf(sender.member, run, topic);
  }

  /** How far it has got, without what is under way: that may yet arrive. */
  get head(): Head {
    const age = monotonicNow() - this.#startedAt;
    return { topic: this.topic, run: this.run, last: this.#settled, age };
  }

  /** Milliseconds since something was published. */
  get idle(): number {
    return monotonicNow() - this.#settledAt;
  }

  /** @throws BusUnavailableError if the backend has not confirmed it in time */
  publish(payload: string, terms: Omit<SentEvent, 'payload'>, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ text: eventText(payload, terms), deadline, resolve, reject });
      if (!this.#isSending) {
        this.#isSending = true;
        void this.#sendAll();
      }
    });
  }

  /** The backend is back. */
  wake(): void {
    this.#wake();
  }

  /** Settles every call now. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#late?.reject(new Error(busMessages.closed()));
    this.#wake();
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#isClosed) {
        this.#expire(Infinity, busMessages.closed());
      } else if (this.#isAway) {
        await this.#pause(this.#queue.first!.deadline - monotonicNow());
        this.#expire(monotonicNow(), busMessages.unreachable());
      } else {
        const flight = this.#take();
        await this.#send(flight);
        this.#settled = flight.last;
        this.#settledAt = monotonicNow();
      }
    }
    this.#isSending = false;
    this.#timer?.unref();
  }

  get #isAway(): boolean {
    return this.transport.unavailableSince !== undefined;
  }

  async #send({ waiting, text, last, deadline }: Flight): Promise<void> {
    const mark = { stream: this.#stream, topic: this.topic, last };
    let cause: Error | undefined;
    let hasTried = false;
    while (monotonicNow() < deadline && !this.#isClosed) {
      if (this.#isAway) {
        await this.#pause(deadline - monotonicNow());
        continue;
      }
      try {
        hasTried = true;
        await this.#inTime(this.transport.publish(`topic:${this.topic}`, text, mark), deadline);
        waiting.forEach(({ resolve }) => resolve());
        return;
      } catch (error) {
        cause = error as Error;
        await this.#pause(Math.min(RETRY_MILLISECONDS, deadline - monotonicNow()));
      }
    }
    const why = cause?.message ?? busMessages.unreachable();
    waiting.forEach(({ reject }) =>
      reject(new BusUnavailableError(this.topic, why, hasTried, { cause })),
    );
  }

  #take(): Flight {
    const waiting: Waiting[] = [];
    let text = '';
    while (
      this.#queue.length > 0 &&
      waiting.length < MAX_EVENTS &&
      (text === '' || text.length + this.#queue.first!.text.length < MAX_CHARACTERS)
    ) {
      const next = this.#queue.shift()!;
      waiting.push(next);
      text += text === '' ? next.text : `,${next.text}`;
    }
    const first = this.#last + 1;
    this.#last += waiting.length;
    return {
      waiting,
      text: `${this.#head}${first},"events":[${text}]}`,
      last: this.#last,
      deadline: waiting[0]!.deadline,
    };
  }

  /** Those whose time is over before anything was tried. */
  #expire(now: number, why: string): void {
    while (this.#queue.length > 0 && this.#queue.first!.deadline <= now) {
      const { reject } = this.#queue.shift()!;
      reject(new BusUnavailableError(this.topic, why, false));
    }
  }

  /** @throws Error if there is no answer in time: the backend is suspected then */
  #inTime(published: Promise<void>, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = { deadline, reject };
      this.#late = late;
      this.#timer?.ref();
      this.#timer ??= this.#wakeAt(deadline);
      void published.then(resolve, reject).finally(() => {
        this.#late = this.#late === late ? undefined : this.#late;
      });
    });
  }

  /**
   * One timer for all, which is not touched when an answer comes, as it mostly does, but finds out when it
   * fires.
   */
  #wakeAt(deadline: number): NodeJS.Timeout {
    return setTimeout(
      () => {
        this.#timer = undefined;
        const late = this.#late;
        if (!this.#isSending || !late) {
          return;
        }
        if (monotonicNow() < late.deadline) {
          this.#timer = this.#wakeAt(late.deadline);
        } else {
          this.#late = undefined;
          this.transport.suspect();
          late.reject(new Error(busMessages.unanswered()));
        }
      },
      Math.max(1, Math.ceil(deadline - monotonicNow())),
    );
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, Math.max(1, milliseconds));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
