import { createHmac, timingSafeEqual } from 'node:crypto';
import { boolean, enumeration, integer, text } from '../../validation/shape/scalars.js';
import { object, optional } from '../../validation/shape/structures.js';
import { OWN_HEADERS } from '../forwarded-headers.js';
import type { HostTicket } from '../other-hosts.interface.js';
import type { ClientConnection } from '../sender.js';

/** The header of a request that a worker of another host forwards. @internal */
export const TICKET_HEADER = `${OWN_HEADERS}ticket`;

/**
 * Milliseconds for which a ticket is valid: the way to the other host, and the difference between the clocks of both.
 *
 * @internal
 */
export const TICKET_VALIDITY = 10_000;

/** What one host tells another one about a request. @internal */
export interface Ticket extends HostTicket {
  readonly sessionId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A ticket on the wire. Hosts with other versions of the package read it, too. */
interface WireTicket extends Omit<Ticket, 'sessionId' | 'ticketId'> {
  readonly id: string;
  readonly ticket: string;
}

const ticketShape = object<WireTicket>({
  id: text(),
  at: integer(),
  ticket: text({ minLength: 1 }),
  client: object<ClientConnection>({
    address: optional(text()),
    port: optional(integer()),
    family: optional(text()),
    encrypted: boolean,
  }),
  order: optional(enumeration<NonNullable<Ticket['order']>>({ close: true, release: true })),
  isBrief: optional(boolean),
});

/** Returns the text of a ticket, signed with the secret of the namespace. @internal */
export function signTicket(
  { sessionId: id, ticketId: ticket, ...rest }: Ticket,
  secret: string,
): string {
  const wire: WireTicket = { ...rest, id, ticket };
  const body = Buffer.from(JSON.stringify(wire)).toString('base64url');
  return `${body}.${signatureOf(body, secret).toString('base64url')}`;
}

/**
 * Reads a ticket whose signature is valid.
 *
 * @returns `undefined` if it is forged, or for another session; `expired` if it is older than {@link TICKET_VALIDITY}, or as
 *   far in the future
 * @internal
 */
export function verifyTicket(
  signed: string,
  {
    secret,
    sessionId,
    now,
  }: { readonly secret: string; readonly sessionId: string; readonly now: number },
): Ticket | 'expired' | undefined {
  const [body = '', signature = ''] = signed.split('.');
  const given = Buffer.from(signature, 'base64url');
  const expected = signatureOf(body, secret);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return undefined;
  }
  const wire = JSON.parse(Buffer.from(body, 'base64url').toString()) as WireTicket;
  // A host with another version of the package may have issued it.
  if (ticketShape(wire) || wire.id !== sessionId) {
    return undefined;
  }
  const { id: _, ticket: ticketId, ...rest } = wire;
  return Math.abs(now - rest.at) <= TICKET_VALIDITY ? { ...rest, sessionId, ticketId } : 'expired';
}

function signatureOf(body: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(body).digest();
}
