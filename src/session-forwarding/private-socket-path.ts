import { join } from 'node:path';

/**
 * Returns the path of the private socket of a worker.
 *
 * @internal
 */
export function privateSocketPath(directory: string, worker: number): string {
  return join(directory, `${worker}.sock`);
}
