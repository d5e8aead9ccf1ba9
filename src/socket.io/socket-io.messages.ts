import { printable, printableError } from '../system/text/printable.js';

/** The log lines of Socket.IO in several workers. @internal */
export const socketIoMessages = {
  notStored: (error: unknown) =>
    `An event for clients of Socket.IO was not stored, and has reached only the clients of this worker: ${printableError(error)}`,
  sessionLost: (error: unknown) =>
    `The session of a Socket.IO client was not stored, so that the client begins a new one: ${printableError(error)}`,
  announced: (place: string) =>
    `Other hosts forward requests for Socket.IO sessions to this host at ${printable(place)}`,
  notAnnounced: (where: string) =>
    `Other hosts cannot forward requests for Socket.IO sessions to this host, because its server listens on ${printable(where)}. ` +
    'Let it listen on an address that they reach, or set forwardBetweenHosts: { address }',
  hostUnreachable: (place: string, error: unknown) =>
    `Requests for Socket.IO sessions could not be forwarded to the host at ${printable(place)}, so that their clients begin new sessions: ${printableError(error)}. ` +
    'If the host is running, check its forwardBetweenHosts.address, the network and, with HTTPS, forwardBetweenHosts.tls of this host',
  expired: () =>
    'A request that another host has forwarded for a Socket.IO session was issued more than 10 s ago. Synchronize the clocks of the hosts; otherwise, it is a replay',
};
