import { TICKETS } from './tickets.config.js';

export interface Stock {
  readonly total: number;
  readonly sold: number;
  readonly left: number;
}

/** Redis may still have a higher count from a run with more tickets. */
export function stockAfter(sold: number): Stock {
  return { total: TICKETS, sold, left: Math.max(0, TICKETS - sold) };
}
