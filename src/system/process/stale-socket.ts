import { connect } from 'node:net';

/** Milliseconds within which a process that listens must accept. */
const TIMEOUT = 1_000;

/**
 * Resolves with whether nobody listens on a Unix socket, according to the system. A listener that does not accept in time,
 * or must not be contacted, may exist.
 *
 * @internal
 */
export function isStaleSocket(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path });
    const finish = (isStale: boolean): void => {
      socket.destroy();
      resolve(isStale);
    };
    socket.setTimeout(TIMEOUT, () => finish(false));
    socket.once('connect', () => finish(false));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code === 'ECONNREFUSED'));
  });
}
