import { expect, it } from 'vitest';
import { UsedTickets } from '../../../src/session-forwarding/used-tickets.js';

it('a ticket can be used once, as long as it is valid', () => {
  const tickets = new UsedTickets(100);
  expect(tickets.use('a', 0)).toBe(true);
  expect(tickets.use('b', 60)).toBe(true);
  expect([tickets.use('a', 99), tickets.use('b', 99)]).toEqual([false, false]);
  // Nothing is kept for longer.
  expect(tickets.use('a', 100)).toBe(true);
  expect(tickets.use('b', 159)).toBe(false);
});
