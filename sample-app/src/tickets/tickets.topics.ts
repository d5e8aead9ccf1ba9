import { defineTopic } from 'nestjs-cluster';
import type { Stock } from './stock.js';

/** The ticket that was sold. Every event also has its publisher. */
export interface Sale {
  readonly number: number;
}

/** Published to all workers of all hosts after each sale. */
export const TICKET_SOLD = defineTopic<Sale>('ticket.sold');

/** Published when all tickets were put back. */
export const TICKETS_BACK = defineTopic<Stock>('ticket.back');

/** Published when tickets were reserved or released. */
export const TICKETS_HELD = defineTopic<null>('ticket.held');
