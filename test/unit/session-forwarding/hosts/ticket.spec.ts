import { describe, expect, it } from 'vitest';
import {
  verifyTicket,
  signTicket,
  type Ticket,
  TICKET_VALIDITY,
} from '../../../../src/session-forwarding/hosts/ticket.js';

const SECRET = 'a'.repeat(64);
const NOW = 1_700_000_000_000;
const TICKET: Ticket = {
  sessionId: 'session',
  at: NOW,
  ticketId: 'x',
  client: { address: '192.0.2.7', port: 4711, family: 'IPv4', encrypted: true },
};

const expected = { secret: SECRET, sessionId: 'session', now: NOW };

describe('a ticket', () => {
  it('is verified by a host that has the secret, for a short time', () => {
    const signed = signTicket(TICKET, SECRET);
    for (const now of [NOW, NOW + TICKET_VALIDITY, NOW - TICKET_VALIDITY]) {
      expect(verifyTicket(signed, { ...expected, now })).toEqual(TICKET);
    }
    for (const now of [NOW + TICKET_VALIDITY + 1, NOW - TICKET_VALIDITY - 1]) {
      expect(verifyTicket(signed, { ...expected, now })).toBe('expired');
    }
  });

  it('may have an order', () => {
    const order: Ticket = { ...TICKET, order: 'release', isBrief: true };
    expect(verifyTicket(signTicket(order, SECRET), expected)).toEqual(order);
  });

  it('has the same names on the wire in all versions', () => {
    const [encoded = ''] = signTicket(TICKET, SECRET).split('.');
    const { sessionId: id, ticketId: ticket, ...rest } = TICKET;
    expect(JSON.parse(Buffer.from(encoded, 'base64url').toString())).toEqual({
      ...rest,
      id,
      ticket,
    });
  });

  const [body, signature] = signTicket(TICKET, SECRET).split('.') as [string, string];
  const client = { ...TICKET.client, address: '192.0.2.8' };
  const other = signTicket({ ...TICKET, client }, SECRET).split('.')[0];

  it.each([
    ['is empty', ''],
    ['has no signature', body],
    ['has an empty signature', `${body}.`],
    ['has a signature that was cut', `${body}.${signature.slice(0, 20)}`],
    ['has another signature', `${body}.${signature.toLowerCase()}`],
    ['has the signature of another one', `${other}.${signature}`],
    ['is signed with another secret', signTicket(TICKET, 'b'.repeat(64))],
    ['is for another session', signTicket({ ...TICKET, sessionId: 'other' }, SECRET)],
    ['lacks something', signTicket({ sessionId: 'session', at: NOW } as Ticket, SECRET)],
    ['has an unknown order', signTicket({ ...TICKET, order: 'x' as 'close' }, SECRET)],
  ])('is refused if it %s', (_, signed) => {
    expect(verifyTicket(signed, expected)).toBeUndefined();
  });
});
