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

/** Limits of one message: a larger one would block the Redis server or the primary for too long. */
const MAX_EVENTS = 500;
const MAX_CHARACTERS = 256 * 1024;

/** Delay between attempts when the backend answers with an error. */
const RETRY_MILLISECONDS = 25;

/** The maximum number of events that are rejected in one turn of the event loop. */
const MAX_REJECTIONS = 256;

/** No attempt starts within this time before the deadline. */
const LAST_ATTEMPT_MILLISECONDS = 100;

/** An event that waits to be sent, or to be confirmed. */
interface PendingEvent {
  readonly text: string;
  /** Monotonic time in milliseconds. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A message under way. */
interface Flight {
  readonly events: readonly PendingEvent[];
  readonly text: string;
  /** The number of the last event. */
  readonly last: number;
  /** The deadline of the first event. */
  readonly deadline: number;
}

/**
 * Publishes the events of this process on one topic: in order and numbered, with one message under way at a time.
 * Events that are published meanwhile are sent together in the next message. A message that was not confirmed is sent
 * again with the same numbers until its deadline; receivers drop duplicates by their numbers.
 *
 * @internal
 */
export class TopicPublisher {
  readonly #queue = new Fifo<PendingEvent>();
  readonly #startedAt = monotonicNow();
  readonly #stream: string;
  /** The number of the last event that was sent. */
  #last = 0;
  /** The number of the last event whose outcome is known. */
  #settled = 0;
  #settledAt = monotonicNow();
  #isSending = false;
  #isClosed = false;
  /** Until when overdue events may still be sent; see `#deadlineOf()`. */
  #lateUntil: number | undefined;
  #wake: () => void = () => {};
  /** Waits for the confirmation of the message under way. */
  readonly #confirmation = new ReplyDeadline(() => {
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

  /** The high-water mark, without the events under way, which may still arrive. */
  get highWaterMark(): HighWaterMark {
    const age = monotonicNow() - this.#startedAt;
    return { topic: this.topic, run: this.run, last: this.#settled, age };
  }

  /** Number of events whose outcome is not known yet. */
  get waiting(): number {
    return this.#queue.length + this.#last - this.#settled;
  }

  /** Milliseconds since the last event was published. */
  get idle(): number {
    return monotonicNow() - this.#settledAt;
  }

  /** @throws BusUnavailableError if the backend has not confirmed the event in time */
  publish(payload: string, terms: Omit<SentEvent, 'payload'>, deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ text: eventText(payload, terms), deadline, resolve, reject });
      if (!this.#isSending) {
        this.#isSending = true;
        void this.#sendAll();
      }
    });
  }

  /** Called when the backend is available again. */
  wake(): void {
    this.#wake();
  }

  /** Settles every call. */
  close(): void {
    this.#isClosed = true;
    this.#confirmation.close(new Error(busMessages.closed()));
    this.#wake();
  }

  get #isUnavailable(): boolean {
    return this.transport.unavailableSince !== undefined;
  }

  get #whyUnavailable(): string {
    return this.transport.whyUnusable ?? busMessages.unreachable();
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#isClosed) {
        await this.#expire(Infinity, busMessages.closed());
      } else if (this.#isUnavailable) {
        await this.#pause(this.#queue.first!.deadline - monotonicNow());
        await this.#expire(monotonicNow(), this.#whyUnavailable);
      } else {
        const flight = this.#nextFlight();
        await this.#send(flight);
        this.#settled = flight.last;
        this.#settledAt = monotonicNow();
      }
    }
    this.#isSending = false;
    this.#confirmation.rest();
  }

  /** Numbers the next events, and returns them as one message. */
  #nextFlight(): Flight {
    const events: PendingEvent[] = [];
    let text = '';
    while (
      this.#queue.length > 0 &&
      events.length < MAX_EVENTS &&
      (text === '' || text.length + this.#queue.first!.text.length < MAX_CHARACTERS)
    ) {
      const next = this.#queue.shift()!;
      events.push(next);
      text += text === '' ? next.text : `,${next.text}`;
    }
    const first = this.#last + 1;
    this.#last += events.length;
    return {
      events,
      text: `{"v":${BUS_VERSION},"from":${this.sender.text},"topic":${JSON.stringify(this.topic)},"run":${this.run},"first":${first},"events":[${text}]}`,
      last: this.#last,
      deadline: events[0]!.deadline,
    };
  }

  async #send({ events, text, last, deadline }: Flight): Promise<void> {
    const channel: Channel = `topic:${this.topic}`;
    const mark = { stream: this.#stream, topic: this.topic, last };
    let cause: Error | undefined;
    const end = this.#deadlineOf(deadline);
    /** Whether an attempt may have been delivered. */
    let isUncertain = false;
    // After refusals only, do not retry so late that the answer would come after the deadline.
    const isInTime = (): boolean =>
      monotonicNow() < end - (cause && !isUncertain ? LAST_ATTEMPT_MILLISECONDS : 0);
    while (isInTime() && !this.#isClosed) {
      if (this.#isUnavailable) {
        await this.#pause(end - monotonicNow());
        continue;
      }
      try {
        await this.#confirmation.wait(this.transport.publish(channel, text, mark), end);
        events.forEach(({ resolve }) => resolve());
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
    const why = cause?.message ?? this.#whyUnavailable;
    // Overdue events get no further extension.
    this.#lateUntil = 0;
    events.forEach(({ reject }) =>
      reject(new BusUnavailableError(this.topic, why, isUncertain, { cause })),
    );
    await turn();
  }

  /**
   * Returns the deadline, or a short extension that all overdue events share: they may be overdue only because the
   * event loop was blocked.
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

  /** Rejects events whose deadline has passed before any attempt. */
  async #expire(now: number, why: string): Promise<void> {
    for (let count = 1; this.#queue.length > 0 && this.#queue.first!.deadline <= now; count++) {
      const { reject } = this.#queue.shift()!;
      reject(new BusUnavailableError(this.topic, why, false));
      if (count % MAX_REJECTIONS === 0) {
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
