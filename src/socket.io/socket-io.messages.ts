import { TICKET_VALIDITY } from '../session-forwarding/hosts/ticket.js';
import { andOthers } from '../system/log-limiter.js';
import { printable, printableError } from '../system/text/printable.js';
import { seconds } from '../system/text/seconds.js';

/** The log lines of Socket.IO in several workers. @internal */
export const socketIoMessages = {
  notStored: (error: unknown, further: number) =>
    `An event for clients of Socket.IO was not stored, and has reached only the clients of this worker: ${printableError(error)}${andOthers(further)}`,
  notEncoded: (error: unknown) =>
    `A message of Socket.IO was not sent to the other workers, because JSON cannot represent it: ${printableError(error)}. Convert BigInts to strings, and remove cycles`,
  sessionLost: (error: unknown, further: number) =>
    `The session of a Socket.IO client was not stored, so that the client begins a new one: ${printableError(error)}${andOthers(further)}`,
  announced: (place: string) =>
    `Other hosts reach the sessions of this host at ${printable(place)}`,
  notAnnounced: (where: string, addresses?: readonly string[]) =>
    `Other hosts cannot reach the sessions of this host: its server listens on ${printable(where)}${addresses ? `, and the machine has the IPv4 addresses [${addresses.join(', ')}]` : ''}. Set forwardBetweenHosts: { address }`,
  hostUnreachable: (place: string, error: unknown) =>
    `The host at ${printable(place)} cannot be reached, so that clients with a session there begin a new one: ${printableError(error)}`,
  expired: () =>
    `Another host has forwarded a request with a clock that differs by more than ${seconds(TICKET_VALIDITY)}, or the request is a replay`,
};
