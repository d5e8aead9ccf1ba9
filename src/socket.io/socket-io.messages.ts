import { printableError } from '../system/text/printable.js';

/** The log lines of Socket.IO in several workers. @internal */
export const socketIoMessages = {
  notStored: (error: unknown) =>
    `An event for clients of Socket.IO was not stored, and has reached only the clients of this worker: ${printableError(error)}`,
  sessionLost: (error: unknown) =>
    `The session of a Socket.IO client was not stored, so that the client begins a new one: ${printableError(error)}`,
};
