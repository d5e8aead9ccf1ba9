import { printableError } from '../system/text/printable.js';

/** The log lines of forwarding within a host. @internal */
export const forwardMessages = {
  notOpened: (error: unknown) =>
    `Clients of Socket.IO cannot begin sessions, because the private socket of this worker could not be opened. Check TMPDIR: ${printableError(error)}`,
};
