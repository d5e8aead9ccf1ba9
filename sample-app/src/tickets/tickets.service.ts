import { ConflictException, Injectable, Logger } from '@nestjs/common';
import {
  ClusterBus,
  type Counter,
  CounterRangeError,
  InjectCounter,
  SharedState,
  type StateMap,
  type StateSet,
  type Topic,
} from 'nestjs-cluster';
import type { Reservation } from './reservation.interface.js';
import { type Stock, stockOf } from './stock.js';
import { RESERVATION_SECONDS, TICKETS } from './tickets.config.js';
import { TICKET_SOLD, TICKETS_BACK, TICKETS_HELD } from './tickets.topics.js';

/** Sells tickets. All workers share the state, so they sell the same tickets. */
@Injectable()
export class TicketsService {
  private readonly logger = new Logger(TicketsService.name);
  /** When the reservation of a ticket ends, by its number. */
  private readonly reserved: StateMap<number>;
  /** The tickets whose reservations have expired. */
  private readonly released: StateSet<number>;

  constructor(
    @InjectCounter('tickets', { max: TICKETS }) private readonly issued: Counter,
    state: SharedState,
    private readonly bus: ClusterBus,
  ) {
    this.reserved = state.map('reserved tickets');
    this.released = state.stateSet('released tickets');
  }

  async stock(): Promise<Stock> {
    const [issued, released, reserved] = await Promise.all([
      this.issued.get(),
      this.released.size(),
      this.reserved.size(),
    ]);
    return stockOf(issued - released, reserved);
  }

  /** Sells a ticket, and returns its number, which no other client gets. */
  async sell(): Promise<number> {
    const number = await this.takeNext();
    this.announce(TICKET_SOLD, { number });
    return number;
  }

  async reserve(): Promise<Reservation> {
    const number = await this.takeNext();
    const until = Date.now() + RESERVATION_SECONDS * 1000;
    await this.reserved.set(String(number), until);
    this.announce(TICKETS_HELD, null);
    return { number, until };
  }

  /** Sells a reserved ticket, and returns its number; `undefined` if the reservation has expired. */
  async sellReserved({ number }: Reservation): Promise<number | undefined> {
    // One caller deletes it: the buyer, or the job that releases it.
    if (!(await this.reserved.delete(String(number)))) {
      return undefined;
    }
    this.announce(TICKET_SOLD, { number });
    return number;
  }

  /** Offers the tickets of expired reservations again, and returns how many there were. */
  async releaseExpired(): Promise<number> {
    const now = Date.now();
    let count = 0;
    for (const [number, until] of await this.reserved.entries()) {
      if (until <= now && (await this.reserved.delete(number))) {
        await this.released.add(Number(number));
        count++;
      }
    }
    if (count > 0) {
      this.announce(TICKETS_HELD, null);
    }
    return count;
  }

  async putAllBack(): Promise<Stock> {
    await this.reserved.clear();
    await Promise.all((await this.released.members()).map(number => this.released.remove(number)));
    const stock = stockOf(await this.issued.reset(), 0);
    this.announce(TICKETS_BACK, stock);
    return stock;
  }

  private async takeNext(): Promise<number> {
    for (const number of await this.released.members()) {
      if (await this.released.remove(number)) {
        return number;
      }
    }
    try {
      return await this.issued.increment();
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
