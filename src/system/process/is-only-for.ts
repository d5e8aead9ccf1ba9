import type { Stats } from 'node:fs';

const GROUP_AND_OTHERS = 0o077;

/** Returns whether an entry is a directory of a user that no other user can open. @internal */
export function isOnlyFor(entry: Stats, uid: number | undefined): boolean {
  return entry.isDirectory() && entry.uid === uid && (entry.mode & GROUP_AND_OTHERS) === 0;
}
