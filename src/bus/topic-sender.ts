import { BusUnavailableError } from '../errors/bus-unavailable.error.js';
import { monotonicNow } from '../process/monotonic-now.js';
import { eventText, type Head, type SentEvent, streamOf } from './bus-text.js';
import { busMessages } from './bus.messages.js';
import { AnswerDeadline } from './answer-deadline.js';
import type { BusTransport, Channel } from './bus-transport.interface.js';
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
  readonly #stream: string;
  #last = 0;
  /** The last one of which the fate is known. */
  #settled = 0;
  #settledAt = monotonicNow();
  #isSending = false;
  #isClosed = false;
  #wake: () => void = () => {};
  /** Of what is under way. */
  readonly #answer = new AnswerDeadline(() => {
    this.transport.suspect();
    return new Error(busMessages.unanswered());
  });

  constructor(
    private readonly transport: BusTransport,
    private readonly topic: string,
    private readonly run: number,
    private readonly sender: { readonly member: string; readonly text: string },
  ) {
    this.#stream = streamOf(sender.member, run, topic);
  }

  /** How far it has got, without what is under way: that may yet arrive. */
  get head(): Head {
    const age = monotonicNow() - this.#startedAt;
    return { topic: this.topic, run: this.run, last: this.#settled, age };
  }

  /** How many events it has of which the fate is not known yet. */
  get waiting(): number {
    return this.#queue.length + this.#last - this.#settled;
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
    this.#answer.close(new Error(busMessages.closed()));
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
    this.#answer.rest();
  }

  get #isAway(): boolean {
    return this.transport.unavailableSince !== undefined;
  }

  async #send({ waiting, text, last, deadline }: Flight): Promise<void> {
    const channel: Channel = `topic:${this.topic}`;
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
        await this.#answer.wait(this.transport.publish(channel, text, mark), deadline);
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
      text: `{"from":${this.sender.text},"topic":${JSON.stringify(this.topic)},"run":${this.run},"first":${first},"events":[${text}]}`,
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
