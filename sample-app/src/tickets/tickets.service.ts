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

/** Sells the same tickets as the service of every other worker: the counter is one for all. */
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

  /** The number of the ticket: nobody else gets the same one. */
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

  /** Nobody who buys waits for it, and a sale that could not be announced is a sale all the same. */
  private announce<T>(topic: Topic<T>, news: T): void {
    this.bus
      .publish(topic, news)
      .catch(error => this.logger.warn(`Nobody heard of ${topic.name}: ${error}`));
  }
}
