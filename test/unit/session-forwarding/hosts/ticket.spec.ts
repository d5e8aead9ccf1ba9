import { describe, expect, it } from '@jest/globals';
import {
  openTicket,
  sealTicket,
  type Ticket,
  TICKET_VALIDITY,
} from '../../../../src/session-forwarding/hosts/ticket.js';

const SECRET = 'a'.repeat(64);
const NOW = 1_700_000_000_000;
const TICKET: Ticket = {
  id: 'session',
  at: NOW,
  ticket: 'x',
  client: { address: '192.0.2.7', port: 4711, family: 'IPv4', encrypted: true },
};

const expected = { secret: SECRET, id: 'session', now: NOW };

describe('a ticket', () => {
  it('is opened by a host that has the secret, for a short time', () => {
    const sealed = sealTicket(TICKET, SECRET);
    for (const now of [NOW, NOW + TICKET_VALIDITY, NOW - TICKET_VALIDITY]) {
      expect(openTicket(sealed, { ...expected, now })).toEqual(TICKET);
    }
    for (const now of [NOW + TICKET_VALIDITY + 1, NOW - TICKET_VALIDITY - 1]) {
      expect(openTicket(sealed, { ...expected, now })).toBe('expired');
    }
  });

  it('may have an order', () => {
    const order: Ticket = { ...TICKET, order: 'release', isBrief: true };
    expect(openTicket(sealTicket(order, SECRET), expected)).toEqual(order);
  });

  const [body, signature] = sealTicket(TICKET, SECRET).split('.') as [string, string];
  const client = { ...TICKET.client, address: '192.0.2.8' };
  const other = sealTicket({ ...TICKET, client }, SECRET).split('.')[0];

  it.each([
    ['is empty', ''],
    ['has no signature', body],
    ['has an empty signature', `${body}.`],
    ['has a signature that was cut', `${body}.${signature.slice(0, 20)}`],
    ['has another signature', `${body}.${signature.toLowerCase()}`],
    ['has the signature of another one', `${other}.${signature}`],
    ['is signed with another secret', sealTicket(TICKET, 'b'.repeat(64))],
    ['is for another session', sealTicket({ ...TICKET, id: 'other' }, SECRET)],
    ['lacks something', sealTicket({ id: 'session', at: NOW } as Ticket, SECRET)],
    ['has an unknown order', sealTicket({ ...TICKET, order: 'x' as 'close' }, SECRET)],
  ])('is refused if it %s', (_, sealed) => {
    expect(openTicket(sealed, expected)).toBeUndefined();
  });
});
