import { Injectable } from '@nestjs/common';
import {
  ClusterService,
  type EventContext,
  OnClusterEvent,
  StateOutageError,
} from 'nestjs-cluster';
import {
  auditTime,
  buffer,
  concatMap,
  defer,
  EMPTY,
  interval,
  merge,
  type Observable,
  share,
  Subject,
} from 'rxjs';
import type { Stock } from '../tickets/stock.js';
import { type Sale, TICKET_SOLD, TICKETS_BACK, TICKETS_HELD } from '../tickets/tickets.topics.js';
import { TicketsService } from '../tickets/tickets.service.js';
import type { LiveMessage, TicketNews } from './live-message.interface.js';

/** Milliseconds for which changes are collected, so that a rush causes 20 messages per second, not thousands. */
const GATHER = 50;

/** Maximum of changes in one message; only the latest ones are sent. */
const MOST_NEWS = 20;

/**
 * Milliseconds after which the stock is sent again without an event: a worker that cannot reach the bus
 * cannot announce a change. This also keeps quiet streams open.
 */
const LOOK_EVERY = 2000;

/**
 * Creates the messages to the browsers of this worker, once for all of them.
 *
 * An event only tells that something has changed; the current state comes from the counter. Events of
 * different workers arrive in any order, and some may be missing after a gap.
 */
@Injectable()
export class LiveTicketsService {
  private readonly news = new Subject<TicketNews>();
  private readonly looks = new Subject<void>();
  private readonly messages = this.tell();

  constructor(
    private readonly tickets: TicketsService,
    private readonly cluster: ClusterService,
  ) {}

  /** Returns the messages to one browser: first the current state, then the changes. */
  stream(): Observable<LiveMessage> {
    return merge(
      this.messages,
      defer(() => {
        this.look();
        return EMPTY;
      }),
    );
  }

  @OnClusterEvent(TICKET_SOLD, { onGap: 'look' })
  onSold({ number }: Sale, { from }: EventContext): void {
    this.news.next({ type: 'sold', number, by: from });
  }

  @OnClusterEvent(TICKETS_BACK, { onGap: 'look' })
  onBack(_: Stock, { from }: EventContext): void {
    this.news.next({ type: 'back', by: from });
  }

  @OnClusterEvent(TICKETS_HELD)
  onHeld(): void {
    this.look();
  }

  /** Sends the state again, because an event may have been missed, or a browser has connected. */
  look(): void {
    this.looks.next();
  }

  /** Shared by all streams. Without streams, nothing is collected and the counter is not read. */
  private tell(): Observable<LiveMessage> {
    const reasons = merge(this.news, this.looks, interval(LOOK_EVERY));
    return this.news.pipe(
      buffer(reasons.pipe(auditTime(GATHER))),
      concatMap(news => this.message(news.slice(-MOST_NEWS))),
      share(),
    );
  }

  private async message(news: readonly TicketNews[]): Promise<LiveMessage> {
    return { via: this.cluster.worker, stock: await this.stock(), news };
  }

  private async stock(): Promise<Stock | null> {
    try {
      return await this.tickets.stock();
    } catch (error) {
      if (error instanceof StateOutageError) {
        return null;
      }
      throw error;
    }
  }
}
