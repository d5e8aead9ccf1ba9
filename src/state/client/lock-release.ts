import type { Operation } from '../operation.js';

/** The keys of semaphores in the names of the backend begin with this. */
const SEMAPHORE = 'semaphore:';

/** Returns whether the key is one of {@link semaphoreKey}. @internal */
export function isSemaphore(key: string): boolean {
  return key.startsWith(SEMAPHORE);
}

/** An owner of a lock, or of a permit of a semaphore. @internal */
export interface Owner {
  /** The key of {@link lockKey}, {@link leaderKey} or {@link semaphoreKey}. */
  readonly key: string;
  readonly owner: string;
  /** The number of permits of a semaphore, as far as it is known. */
  readonly permits?: number | undefined;
}

/** @internal */
export function lockKey(name: string): string {
  return `lock:${name}`;
}

/** @internal */
export function leaderKey(name: string): string {
  return `leader:${name}`;
}

/** @internal */
export function semaphoreKey(name: string): string {
  return `${SEMAPHORE}${name}`;
}

/** Returns the operation that releases a lock or a permit, or leaves its queue. @internal */
export function releaseOf({
  key,
  owner,
  permits,
}: Owner): Operation<'lockRelease' | 'permitRelease'> {
  return isSemaphore(key)
    ? { name: 'permitRelease', key, owner, ...(permits !== undefined && { permits }) }
    : { name: 'lockRelease', key, owner };
}
