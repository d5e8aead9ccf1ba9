import type { ArrivedEvent } from './arrived-event.interface.js';
import { Fifo } from '../../system/collections/fifo.js';
import type { Gap } from '../gaps/gap.interface.js';
import type { QueueVitals, SubscriberLimits } from './subscriber.interface.js';

/** So many gaps wait at most, and of so many topics is it noted what there was no room for. */
const MAX_GAPS = 1_000;

/** In the place of a topic, where there are too many. */
const ALL_TOPICS = '*';

/** An event for a handler. @internal */
export interface Delivery {
  readonly event: ArrivedEvent;
  /** Called when it has been handled, well or not. */
  readonly done?: () => void;
}

/** Gets what is in a mailbox. Neither rejects nor throws. @internal */
export interface MailboxHandler {
  handle(event: ArrivedEvent): void | Promise<void>;
  gap(gap: Gap): void;
}

/**
 * What waits for one handler: so many events at a time are handled, the others stand in line. The line
 * is as long as is allowed; who brings more must look whether it is full.
 *
 * @internal
 */
export class Mailbox {
  readonly #line = new Fifo<Delivery | Gap>();
  #bytes = 0;
  #running = 0;
  #isFull = false;
  /** How many of each topic have been refused since there was no room, or were missed when there was none. */
  readonly #refused = new Map<string, number | undefined>();
  /** Gaps in the line. */
  #gaps = 0;
  #isClosed = false;
  #onIdle: (() => void)[] = [];

  constructor(
    private readonly handler: MailboxHandler,
    private readonly limits: SubscriberLimits,
    /** Called when there is room again after there was none. */
    private readonly onRoom: () => void = () => {},
  ) {}

  /** Once it is full, it is so until half of it is free: few gaps, or few reads, instead of many. */
  get isFull(): boolean {
    this.#isFull ||= this.#bytes >= this.limits.maxQueueBytes;
    return this.#isFull;
  }

  get queue(): QueueVitals {
    const fullness = Math.min(1, this.#bytes / this.limits.maxQueueBytes);
    return { length: this.#line.length, fullness };
  }

  /** Takes an event if there is room; otherwise it will be told as a gap. */
  offer(event: ArrivedEvent): void {
    if (this.isFull) {
      this.#refuse(event.topic, 1);
    } else {
      this.add({ event });
    }
  }

  /** Takes it in any case. */
  add(delivery: Delivery): void {
    if (this.#isClosed) {
      return;
    }
    this.#bytes += delivery.event.size;
    this.#line.push(delivery);
    this.#next();
  }

  /** Tells of a gap when all that was before it is handled, or begun. */
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

  /** Takes and gives no more. Resolves when nothing is being handled. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#line.clear();
    this.#refused.clear();
    return this.#running === 0
      ? Promise.resolve()
      : new Promise(resolve => this.#onIdle.push(resolve));
  }

  /** Of too many topics, it is told together, as a gap of all that a subscription is about. */
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

  async #finishLater(delivery: Delivery, handled: Promise<void>): Promise<void> {
    await handled;
    this.#finish(delivery);
    this.#next();
  }

  #finish({ event, done }: Delivery): void {
    this.#running--;
    this.#bytes -= event.size;
    done?.();
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
