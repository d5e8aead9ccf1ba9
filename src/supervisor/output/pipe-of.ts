import { fstatSync } from 'node:fs';

/**
 * Returns a text that identifies the pipe or socket to which a descriptor leads; `undefined` for files and terminals.
 *
 * With `bigint`, Node keeps the result apart from what `realpathSync()` reads. On Node 20, modules that are imported
 * after `fstatSync()` of a pipe would have the URLs of symbolic links, and packages would be loaded twice.
 *
 * @internal
 */
export function pipeOf(descriptor: number): string | undefined {
  const stats = fstatSync(descriptor, { bigint: true });
  return stats.isFIFO() || stats.isSocket() ? `${stats.dev}:${stats.ino}` : undefined;
}
