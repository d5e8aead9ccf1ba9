import { expect, it } from 'vitest';
import { type RouteFacts, routeOf } from '../../../src/session-forwarding/route.js';

const SELF = { host: '0123456789ab', worker: 1 };
const NEIGHBOUR = { ...SELF, worker: 2 };
const FOREIGN = { host: 'ba9876543210', worker: 1 };

type Ticket = RouteFacts['ticket'];
type Given = [owner: RouteFacts['owner'], hasOtherHosts: boolean, ticket: Ticket];

it.each<[...Given, ReturnType<typeof routeOf>]>([
  [undefined, true, 'none', 'here'],
  [SELF, true, 'none', 'here'],
  [SELF, true, 'expired', 'here'],
  [NEIGHBOUR, true, 'none', 'worker'],
  [NEIGHBOUR, true, 'expired', 'worker'],
  [FOREIGN, true, 'none', 'host'],
  [FOREIGN, false, 'none', 'here'],
  // Only private servers know which tickets were used.
  [SELF, true, 'valid', 'worker'],
  [NEIGHBOUR, true, 'valid', 'worker'],
  // A request that was forwarded once does not circulate.
  [FOREIGN, true, 'valid', 'here'],
  [FOREIGN, true, 'expired', 'here'],
])('a session of %j (other hosts: %j) with a ticket (%s) is handled %s', (...given) => {
  const [owner, hasOtherHosts, ticket, route] = given;
  expect(routeOf({ owner, self: SELF, hasOtherHosts, ticket })).toBe(route);
});

it('a worker that cannot forward yet handles everything', () => {
  const facts = { owner: FOREIGN, hasOtherHosts: true, ticket: 'none' } as const;
  expect(routeOf({ ...facts, self: undefined })).toBe('here');
});
