import type { LockAnswer, Operation } from '../operation.js';
import type { StateClient } from '../client/state-client.js';
import { isSemaphore, type Owner, releaseOf } from '../client/lock-release.js';
import { perform } from './perform.js';

const A_LOCK = 'a lock';

/** @param permits the number of permits of a semaphore @internal */
export function acquire(
  client: StateClient,
  { key, owner }: Owner,
  { lease, wait, permits = 1 }: { lease: number; wait: number; permits: number | undefined },
): Promise<LockAnswer> {
  return isSemaphore(key)
    ? perform(client, A_LOCK, { name: 'permitAcquire', key, owner, permits, lease, wait })
    : perform(client, A_LOCK, { name: 'lockAcquire', key, owner, lease, wait });
}

/** @returns whether the owner still has it @internal */
export function renew(
  client: StateClient,
  { key, owner }: Owner,
  lease: number,
  timeout: number,
): Promise<boolean> {
  const name = isSemaphore(key) ? 'permitRenew' : 'lockRenew';
  return perform(client, A_LOCK, { name, key, owner, lease } as Operation<'lockRenew'>, {
    timeout,
  });
}

/** @internal */
export function release(client: StateClient, owner: Owner): Promise<boolean> {
  return perform(client, A_LOCK, releaseOf(owner));
}
