import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

type Remove = (path: unknown, ...rest: unknown[]) => unknown;

/** The functions of `node:fs` that remove a file. @internal */
export interface FileRemoval {
  unlink: Remove;
  unlinkSync: Remove;
  rm: Remove;
  rmSync: Remove;
  readonly promises: { unlink: Remove; rm: Remove };
}

/**
 * Prevents this process from removing the files of the Unix sockets on which its host listens. Many applications
 * remove the file before they listen, because a killed process may have left it. In a worker, the primary listens on
 * the socket and has already handled such a file; if the worker removed the file, new clients could not connect.
 *
 * @param paths absolute paths
 * @internal
 */
export function guardSocketFiles(
  paths: readonly string[],
  files: FileRemoval = fs as unknown as FileRemoval,
): void {
  if (paths.length === 0) {
    return;
  }
  const guarded = new Set(paths);
  const isGuarded = (path: unknown): boolean => guarded.has(absolute(path));
  for (const name of ['unlinkSync', 'rmSync'] as const) {
    const remove = files[name];
    files[name] = (path, ...rest) => (isGuarded(path) ? undefined : remove(path, ...rest));
  }
  for (const name of ['unlink', 'rm'] as const) {
    const remove = files[name];
    files[name] = (path, ...rest) => {
      const done = rest.at(-1);
      return isGuarded(path) && typeof done === 'function'
        ? process.nextTick(done, null)
        : remove(path, ...rest);
    };
    const removeLater = files.promises[name];
    files.promises[name] = (path, ...rest) =>
      isGuarded(path) ? Promise.resolve() : removeLater(path, ...rest);
  }
  // Updates named imports of `node:fs` as well.
  syncBuiltinESMExports();
}

/** Parses the paths for {@link guardSocketFiles} from the environment; returns none if the text is invalid. @internal */
export function socketFilesIn(text: string | undefined): readonly string[] {
  try {
    const paths: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [];
  } catch {
    return [];
  }
}

function absolute(path: unknown): string {
  if (path instanceof URL) {
    return path.protocol === 'file:' ? fileURLToPath(path) : '';
  }
  return typeof path === 'string' || Buffer.isBuffer(path) ? resolve(String(path)) : '';
}
