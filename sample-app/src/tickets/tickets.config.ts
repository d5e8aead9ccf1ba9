import { wholeNumber } from './whole-number.js';

/** The number of tickets. */
export const TICKETS = wholeNumber('TICKETS', 1000, 1_000_000);

/** The number of tickets that one client may try to buy per second. */
export const TICKETS_PER_SECOND = wholeNumber('TICKETS_PER_SECOND', 10, 1_000_000);

/** Seconds for which a ticket is reserved. */
export const RESERVATION_SECONDS = wholeNumber('RESERVATION_SECONDS', 15, 3600);
