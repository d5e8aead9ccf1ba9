import { TICKETS } from './tickets.config.js';

export interface Stock {
  readonly total: number;
  readonly sold: number;
  readonly reserved: number;
  readonly left: number;
}

/**
 * @param taken the tickets that were sold or reserved. Redis may still have a higher count from a run with more tickets
 */
export function stockOf(taken: number, reserved: number): Stock {
  return {
    total: TICKETS,
    sold: Math.max(0, taken - reserved),
    reserved,
    left: Math.max(0, TICKETS - taken),
  };
}
