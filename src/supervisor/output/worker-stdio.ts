import { pipeOf } from './pipe-of.js';

/** The file descriptors in a worker of the primary's own standard output and standard error. @internal */
export const OUTPUT_OF_ORPHANS = '4,5';

/**
 * Returns where the standard streams of a worker lead.
 *
 * Standard error goes through the primary, so that the primary can tell why a worker failed. Standard output does
 * the same if it is a pipe or a socket. Node writes to pipes asynchronously and would lose unread output at exit,
 * and workers cannot change that for a pipe that they share. Files and terminals are written to synchronously and
 * are inherited.
 *
 * The two descriptors after the channel are for a worker that outlives the primary.
 *
 * @internal
 */
export function workerStdio(
  isPipe: (descriptor: number) => boolean = descriptor => pipeOf(descriptor) !== undefined,
): (string | number)[] {
  return ['inherit', isPipe(1) ? 'pipe' : 'inherit', 'pipe', 'ipc', 1, 2];
}
