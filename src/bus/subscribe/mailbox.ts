import type { ArrivedEvent } from './arrived-event.interface.js';
import { Fifo } from '../../system/collections/fifo.js';
import type { Gap } from '../gaps/gap.interface.js';
import type { QueueVitals, SubscriberLimits } from './subscriber.interface.js';

/** The maximum number of queued gaps, and of topics whose dropped events are counted separately. */
const MAX_GAPS = 1_000;

/** The topic of a gap that covers more than `MAX_GAPS` topics. */
const ALL_TOPICS = '*';

/** An event for a handler. @internal */
export interface Delivery {
  readonly event: ArrivedEvent;
  /** Called when the event has been handled, whether or not the handler failed, unless it was abandoned. */
  readonly done?: () => void;
}

/** The outcome of an event that is left to another subscriber. @internal */
export const ABANDONED = Symbol('abandoned');

/** Receives the events and gaps of a mailbox. Neither rejects nor throws. @internal */
export interface MailboxHandler {
  handle(event: ArrivedEvent): void | Promise<void | typeof ABANDONED>;
  gap(gap: Gap): void;
  /** Called when the mailbox closes: ends what waits between two attempts. */
  stop?(): void;
}

/**
 * The queue of one handler. Up to `concurrency` events are handled at the same time, and the others wait. The queue
 * is limited in bytes by `offer()` alone; callers of `add()` must check `isFull` themselves.
 *
 * @internal
 */
export class Mailbox {
  readonly #line = new Fifo<Delivery | Gap>();
  #bytes = 0;
  #running = 0;
  #isFull = false;
  /** The number of dropped events by topic, to be reported as gaps; `undefined` if it is unknown. */
  readonly #refused = new Map<string, number | undefined>();
  /** Number of gaps in the queue. */
  #gaps = 0;
  #isClosed = false;
  #onIdle: (() => void)[] = [];

  constructor(
    private readonly handler: MailboxHandler,
    private readonly limits: SubscriberLimits,
    /** Called when a full queue has room again. */
    private readonly onRoom: () => void = () => {},
  ) {}

  /**
   * A full queue counts as full until half of it is free, which makes a few large gaps or reads instead of many small
   * ones.
   */
  get isFull(): boolean {
    this.#isFull ||= this.#bytes >= this.limits.maxQueueBytes;
    return this.#isFull;
  }

  get queue(): QueueVitals {
    const fullness = Math.min(1, this.#bytes / this.limits.maxQueueBytes);
    return { length: this.#line.length, bytes: this.#bytes, fullness };
  }

  /** Queues an event if there is room. Otherwise drops it, and reports a gap later. */
  offer(event: ArrivedEvent): void {
    if (this.isFull) {
      this.#refuse(event.topic, 1);
    } else {
      this.add({ event });
    }
  }

  /** Queues an event, even if the queue is full. */
  add(delivery: Delivery): void {
    if (this.#isClosed) {
      return;
    }
    this.#bytes += delivery.event.size;
    this.#line.push(delivery);
    this.#next();
  }

  /** Queues a gap. It is reported after the events before it have been handled or begun. */
  tell(gap: Gap): void {
    if (this.#isClosed) {
      return;
    }
    if (this.#gaps >= MAX_GAPS) {
      this.#refuse(gap.topic, gap.missed);
      return;
    }
    this.#gaps++;
    this.#line.push(gap);
    this.#next();
  }

  /** Drops what is queued and accepts nothing more. Resolves when no handler is running. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#line.clear();
    this.#refused.clear();
    this.handler.stop?.();
    return this.#running === 0
      ? Promise.resolve()
      : new Promise(resolve => this.#onIdle.push(resolve));
  }

  /** Counts dropped events by topic; beyond `MAX_GAPS` topics, together as `*`. */
  #refuse(topic: string, missed: number | undefined): void {
    const name = this.#refused.has(topic) || this.#refused.size < MAX_GAPS ? topic : ALL_TOPICS;
    const before = this.#refused.has(name) ? this.#refused.get(name) : 0;
    const sum = before === undefined || missed === undefined ? undefined : before + missed;
    this.#refused.set(name, sum);
  }

  #tellRefused(): void {
    const refused = [...this.#refused];
    this.#refused.clear();
    refused.forEach(([topic, missed]) => this.tell({ topic, missed, reason: 'slow' }));
  }

  #next(): void {
    while (this.#running < this.limits.concurrency && this.#line.length > 0) {
      const item = this.#line.shift()!;
      if ('event' in item) {
        this.#handle(item);
      } else {
        this.#gaps--;
        this.handler.gap(item);
      }
    }
    if (this.#refused.size > 0 && this.#line.length === 0 && !this.#isFull) {
      this.#tellRefused();
    }
  }

  #handle(delivery: Delivery): void {
    this.#running++;
    const handled = this.handler.handle(delivery.event);
    if (handled) {
      void this.#finishLater(delivery, handled);
    } else {
      this.#finish(delivery);
    }
  }

  async #finishLater(delivery: Delivery, handled: Promise<void | typeof ABANDONED>): Promise<void> {
    // Handlers report their failures themselves, and do not reject.
    const outcome = await handled.catch(() => {});
    this.#finish(delivery, outcome === ABANDONED);
    this.#next();
  }

  #finish({ event, done }: Delivery, isAbandoned = false): void {
    this.#running--;
    this.#bytes -= event.size;
    if (!isAbandoned) {
      done?.();
    }
    if (this.#isFull && this.#bytes <= this.limits.maxQueueBytes / 2) {
      this.#isFull = false;
      this.#tellRefused();
      this.onRoom();
    }
    if (this.#running === 0) {
      this.#onIdle.forEach(resolve => resolve());
      this.#onIdle = [];
    }
  }
}
