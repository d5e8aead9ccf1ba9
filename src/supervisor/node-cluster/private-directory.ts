import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isOnlyFor } from '../../system/process/is-only-for.js';

const WRITABLE_BY_GROUP_OR_OTHERS = 0o022;
/** In a directory with the sticky bit, only the owner of an entry can rename or remove it. */
const STICKY = 0o1000;
const ROOT = 0;

/**
 * Creates a directory that no other user can read, write or replace. It belongs to `uid` and has mode 0700, it is
 * not a symbolic link, and every directory above it belongs to `uid` or root and is not writable by others.
 *
 * @returns its path without symbolic links; `undefined` if there is no such directory
 * @internal
 */
export function privateDirectory(
  path: string,
  uid: number | undefined = process.geteuid?.(),
): string | undefined {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const directory = join(realpathSync(dirname(path)), basename(path));
    const isPrivate = isOnlyFor(lstatSync(directory), uid);
    return isPrivate && ancestorsOf(directory).every(ancestor => isSafe(lstatSync(ancestor), uid))
      ? directory
      : undefined;
  } catch {
    // It cannot be created, or is not a directory.
    return undefined;
  }
}

function isSafe(ancestor: Stats, uid: number | undefined): boolean {
  const isOwned = ancestor.uid === uid || ancestor.uid === ROOT;
  const isFixed =
    (ancestor.mode & WRITABLE_BY_GROUP_OR_OTHERS) === 0 || (ancestor.mode & STICKY) !== 0;
  return isOwned && isFixed;
}

function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}
