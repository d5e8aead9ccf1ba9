import { existsSync, lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { printableError } from '../text/printable.js';
import { isOnlyFor } from './is-only-for.js';

const WRITABLE_BY_GROUP_OR_OTHERS = 0o022;
/** In a directory with the sticky bit, only the owner of an entry can rename or remove it. */
const STICKY = 0o1000;
const ROOT = 0;

/** A private directory, or why it is none. @internal */
export type PrivateDirectoryResult =
  /** Its path without symbolic links. */
  | { readonly path: string; readonly why?: undefined }
  /** The end of a sentence whose subject is the directory. */
  | { readonly path?: undefined; readonly why: string };

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
  return createPrivateDirectory(path, uid).path;
}

/** As {@link privateDirectory}, with the reason if there is no such directory. @internal */
export function createPrivateDirectory(
  path: string,
  uid: number | undefined = process.geteuid?.(),
): PrivateDirectoryResult {
  try {
    createDirectories(path);
  } catch (error) {
    return { why: `cannot be created (${printableError(error)})` };
  }
  return findPrivateDirectory(path, uid);
}

/** As {@link createPrivateDirectory}, of a directory that exists. @internal */
export function findPrivateDirectory(
  path: string,
  uid: number | undefined = process.geteuid?.(),
): PrivateDirectoryResult {
  try {
    const directory = join(realpathSync(dirname(path)), basename(path));
    if (!isOnlyFor(lstatSync(directory), uid)) {
      return { why: 'belongs to another user, can be opened by others, or is no directory' };
    }
    const unsafe = ancestorsOf(directory).find(ancestor => !isSafe(lstatSync(ancestor), uid));
    return unsafe === undefined
      ? { path: directory }
      : { why: `is below ${unsafe}, which other users can change` };
  } catch (error) {
    return { why: `cannot be read (${printableError(error)})` };
  }
}

/**
 * Creates a directory with those above it. Not with the option `recursive`, with which Node tries forever below `/proc`,
 * where a directory exists and none can be created.
 */
function createDirectories(path: string): void {
  const missing = [path, ...ancestorsOf(path)].filter(each => !existsSync(each));
  for (const directory of missing.toReversed()) {
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      // Another process may have created it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
    }
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
