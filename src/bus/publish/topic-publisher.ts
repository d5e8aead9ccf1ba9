import { setImmediate as turn } from 'node:timers/promises';
import { BusUnavailableError } from '../../model/errors/bus-unavailable.error.js';
import { RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { eventText, type HighWaterMark, type SentEvent, streamOf } from '../payload/bus-message.js';
import { busMessages } from '../bus.messages.js';
import { ReplyDeadline } from '../request/reply-deadline.js';
import {
  type BusTransport,
  type Channel,
  PublicationRefusedError,
} from '../bus-transport.interface.js';
import { BUS_VERSION } from '../payload/read-message.js';
import { Fifo } from '../../system/collections/fifo.js';

/** More at once would keep a Redis server, or the primary, from everybody else for too long. */
const MAX_EVENTS = 500;
const MAX_CHARACTERS = 256 * 1024;

/** Between attempts at a backend that answers but does not work. */
const RETRY_MILLISECONDS = 25;

/** So many publishers are told in one turn of the event loop that their time is over. */
const TOLD_AT_ONCE = 256;

/** No attempt is begun so shortly before the publisher is told. */
const LAST_ATTEMPT_MILLISECONDS = 100;

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
export class TopicPublisher {
  readonly #queue = new Fifo<Waiting>();
  readonly #startedAt = monotonicNow();
  readonly #stream: string;
  #last = 0;
  /** The last one of which the fate is known. */
  #settled = 0;
  #settledAt = monotonicNow();
  #isSending = false;
  #isClosed = false;
  /** Until when events that waited for too long may be sent all the same; see `#deadlineOf()`. */
  #lateUntil: number | undefined;
  #wake: () => void = () => {};
  /** Of what is under way. */
  readonly #answer = new ReplyDeadline(() => {
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
  get head(): HighWaterMark {
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
        await this.#expire(Infinity, busMessages.closed());
      } else if (this.#isAway) {
        await this.#pause(this.#queue.first!.deadline - monotonicNow());
        await this.#expire(monotonicNow(), this.#whyAway);
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

  get #whyAway(): string {
    return this.transport.whyUnusable ?? busMessages.unreachable();
  }

  async #send({ waiting, text, last, deadline }: Flight): Promise<void> {
    const channel: Channel = `topic:${this.topic}`;
    const mark = { stream: this.#stream, topic: this.topic, last };
    let cause: Error | undefined;
    const end = this.#deadlineOf(deadline);
    /** Whether some attempt may have been heard. */
    let isUncertain = false;
    // One that was refused so far is not tried again so late that the answer could not be waited for.
    const isInTime = (): boolean =>
      monotonicNow() < end - (cause && !isUncertain ? LAST_ATTEMPT_MILLISECONDS : 0);
    while (isInTime() && !this.#isClosed) {
      if (this.#isAway) {
        await this.#pause(end - monotonicNow());
        continue;
      }
      try {
        await this.#answer.wait(this.transport.publish(channel, text, mark), end);
        waiting.forEach(({ resolve }) => resolve());
        return;
      } catch (error) {
        cause = error as Error;
        if (!(error instanceof PublicationRefusedError)) {
          isUncertain = true;
        } else if (error.isFinal && !isUncertain) {
          break;
        }
        await this.#pause(Math.min(RETRY_MILLISECONDS, end - monotonicNow()));
      }
    }
    const why = cause?.message ?? this.#whyAway;
    // Others are waited for no longer than these.
    this.#lateUntil = 0;
    waiting.forEach(({ reject }) =>
      reject(new BusUnavailableError(this.topic, why, isUncertain, { cause })),
    );
    await turn();
  }

  /**
   * The time of events may be over because the event loop was blocked, while the backend takes all that it is
   * given: there is a moment for those, all together.
   */
  #deadlineOf(deadline: number): number {
    const now = monotonicNow();
    if (deadline > now) {
      this.#lateUntil = undefined;
      return deadline;
    }
    this.#lateUntil ??= now + RECOVERY_MILLISECONDS;
    return this.#lateUntil;
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
      text: `{"v":${BUS_VERSION},"from":${this.sender.text},"topic":${JSON.stringify(this.topic)},"run":${this.run},"first":${first},"events":[${text}]}`,
      last: this.#last,
      deadline: waiting[0]!.deadline,
    };
  }

  /** Those whose time is over before anything was tried. */
  async #expire(now: number, why: string): Promise<void> {
    for (let told = 1; this.#queue.length > 0 && this.#queue.first!.deadline <= now; told++) {
      const { reject } = this.#queue.shift()!;
      reject(new BusUnavailableError(this.topic, why, false));
      if (told % TOLD_AT_ONCE === 0) {
        await turn();
      }
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
