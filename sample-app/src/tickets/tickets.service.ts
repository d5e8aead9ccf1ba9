import { ConflictException, Injectable, Logger } from '@nestjs/common';
import {
  ClusterBus,
  type Counter,
  CounterRangeError,
  InjectCounter,
  type Topic,
} from 'nestjs-cluster';
import { type Stock, stockAfter } from './stock.js';
import { TICKETS } from './tickets.config.js';
import { TICKET_SOLD, TICKETS_BACK } from './tickets.topics.js';

/** Sells tickets. All workers share one counter, so they sell the same tickets. */
@Injectable()
export class TicketsService {
  private readonly logger = new Logger(TicketsService.name);

  constructor(
    @InjectCounter('tickets', { max: TICKETS }) private readonly sold: Counter,
    private readonly bus: ClusterBus,
  ) {}

  async stock(): Promise<Stock> {
    return stockAfter(await this.sold.get());
  }

  /** Sells a ticket, and returns its number, which no other client gets. */
  async sell(): Promise<number> {
    const number = await this.takeNext();
    this.announce(TICKET_SOLD, { number });
    return number;
  }

  async putAllBack(): Promise<Stock> {
    const stock = stockAfter(await this.sold.reset());
    this.announce(TICKETS_BACK, stock);
    return stock;
  }

  private async takeNext(): Promise<number> {
    try {
      return await this.sold.increment();
    } catch (error) {
      if (error instanceof CounterRangeError) {
        throw new ConflictException(`Sold out: all ${TICKETS} tickets are gone`);
      }
      throw error;
    }
  }

  /** Publishes a change. Buyers do not wait for it, and a sale is valid even if this fails. */
  private announce<T>(topic: Topic<T>, news: T): void {
    this.bus
      .publish(topic, news)
      .catch(error => this.logger.warn(`Failed to publish ${topic.name}: ${error}`));
  }
}
