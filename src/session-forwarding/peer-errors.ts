/** The code of the error with which a request to a silent peer fails. */
const SILENT = 'CLUSTER_PEER_SILENT';

/** Returns the error of a request to a peer that was silent for too long. @internal */
export function silentError(milliseconds: number): Error {
  return Object.assign(new Error(`silent for ${milliseconds} ms`), { code: SILENT });
}

/** Returns whether the peer was silent for too long. @internal */
export function isSilence({ code }: NodeJS.ErrnoException): boolean {
  return code === SILENT;
}

/**
 * Returns whether the peer may still be alive: its queue of connections is full, or this process has no file descriptors
 * left.
 *
 * @internal
 */
export function isOverload({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EAGAIN' || code === 'EMFILE' || code === 'ENFILE';
}
