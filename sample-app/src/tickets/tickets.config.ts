import { wholeNumber } from './whole-number.js';

/** How many tickets there are. */
export const TICKETS = wholeNumber('TICKETS', 1000, 1_000_000);

/** How many one client may try to buy within any second. */
export const TICKETS_PER_SECOND = wholeNumber('TICKETS_PER_SECOND', 10, 1_000_000);
