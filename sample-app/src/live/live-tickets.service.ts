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
import { type Sale, TICKET_SOLD, TICKETS_BACK } from '../tickets/tickets.topics.js';
import { TicketsService } from '../tickets/tickets.service.js';
import type { LiveMessage, TicketNews } from './live-message.interface.js';

/** Milliseconds for which news are gathered: a rush makes 20 messages a second, and not thousands. */
const GATHER = 50;

/** How many news a message carries at most, the latest ones: nobody reads faster. */
const MOST_NEWS = 20;

/**
 * Milliseconds after which the stock is told anew, also if nobody said that it changed: what cannot
 * reach the bus cannot say so. It keeps quiet streams open, too.
 */
const LOOK_EVERY = 2000;

/**
 * What the browsers of this worker are told, once for all of them.
 *
 * An event says that something happened, and the counter says what is true then: events of different
 * workers come in any order, and after a gap some do not come at all.
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

  /** For a browser, from now on: at first what is true now, then whatever happens. */
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

  /** Something may have happened of which this worker was not told, or somebody new listens. */
  look(): void {
    this.looks.next();
  }

  /** Shared by all streams. While there is none, nothing is gathered and nobody is asked. */
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
