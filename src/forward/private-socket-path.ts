import { join } from 'node:path';

/** Paths of Unix sockets have at most 103 bytes on macOS, and 107 on Linux. @internal */
export const MAX_PATH_BYTES = 103;

/**
 * Returns the path of the private socket of a worker.
 *
 * @internal
 */
export function privateSocketPath(directory: string, worker: number): string {
  return join(directory, `${worker}.sock`);
}
