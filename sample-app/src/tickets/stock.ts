import { TICKETS } from './tickets.config.js';

export interface Stock {
  readonly total: number;
  readonly sold: number;
  readonly left: number;
}

/** Redis may still know of more tickets than there are now. */
export function stockAfter(sold: number): Stock {
  return { total: TICKETS, sold, left: Math.max(0, TICKETS - sold) };
}
