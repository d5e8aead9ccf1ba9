import { defineTopic } from 'nestjs-cluster';
import type { Stock } from './stock.js';

/** Which ticket was sold. Who sold it comes with every event. */
export interface Sale {
  readonly number: number;
}

/** Told to every worker of every host after each sale. */
export const TICKET_SOLD = defineTopic<Sale>('ticket.sold');

/** Told when all tickets were put back. */
export const TICKETS_BACK = defineTopic<Stock>('ticket.back');
