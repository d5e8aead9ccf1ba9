import { ConflictException, Injectable } from '@nestjs/common';
import { type Counter, CounterRangeError, InjectCounter } from 'nestjs-cluster';
import { type Stock, stockAfter } from './stock.js';
import { TICKETS } from './tickets.config.js';

/** Sells the same tickets as the service of every other worker: the counter is one for all. */
@Injectable()
export class TicketsService {
  constructor(@InjectCounter('tickets', { max: TICKETS }) private readonly sold: Counter) {}

  async stock(): Promise<Stock> {
    return stockAfter(await this.sold.get());
  }

  /** The number of the ticket: nobody else gets the same one. */
  async sell(): Promise<number> {
    try {
      return await this.sold.increment();
    } catch (error) {
      if (error instanceof CounterRangeError) {
        throw new ConflictException(`Sold out: all ${TICKETS} tickets are gone`);
      }
      throw error;
    }
  }

  async putAllBack(): Promise<Stock> {
    return stockAfter(await this.sold.reset());
  }
}
