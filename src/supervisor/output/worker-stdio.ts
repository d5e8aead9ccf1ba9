import { fstatSync } from 'node:fs';

/** Where, in a worker, the primary's own standard output and standard error are. @internal */
export const OUTPUT_OF_ORPHANS = '4,5';

/**
 * Where the standard streams of a worker lead.
 *
 * Standard error comes through the primary, which can then tell why a worker failed; so does standard output, if
 * it is a pipe or a socket. Node would write to such a one asynchronously, and lose at the end what has not been
 * read; and workers cannot change that in a pipe that they share. Files and terminals are written to
 * synchronously, and need no detour.
 *
 * The two descriptors after the channel are for a worker that outlives the primary.
 *
 * @internal
 */
export function workerStdio(
  isPipe: (descriptor: number) => boolean = isPipeOrSocket,
): (string | number)[] {
  return ['inherit', isPipe(1) ? 'pipe' : 'inherit', 'pipe', 'ipc', 1, 2];
}

function isPipeOrSocket(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFIFO() || stats.isSocket();
}
