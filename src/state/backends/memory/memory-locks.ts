import { CLAIM_MILLISECONDS, clientOf } from '../../client/lock-owner.js';
import type { Grant } from '../../state-executor.interface.js';
import { LOCK_BYTES, OWNER_BYTES, textBytes } from './structures/byte-sizes.js';
import { type Expiring, ExpiringMap } from './structures/expiring-map.js';
import type { Handlers } from './memory-handlers.js';
import type { MemoryBudget } from './memory-budget.js';
import type { MemoryClock } from './memory-clock.js';

/** A lock. It expires when its lease and all waits have ended. */
interface Lock extends Expiring {
  holder: { readonly owner: string; readonly token: number; until: number } | undefined;
  /** The waiting owners in the order of arrival, and the end of their wait. */
  readonly queue: Map<string, number>;
}

/** All locks, and the locks that each client holds or waits for. @internal */
export class LockSpace {
  readonly #locks: ExpiringMap<Lock>;
  /** By client: its owners, and the lock of each. */
  readonly #byClient = new Map<string, Map<string, string>>();
  #lastToken = 0;

  constructor(
    readonly onGrant: (client: string, grant: Grant) => void,
    readonly clock: Pick<MemoryClock, 'now' | 'stamp'>,
    readonly budget: MemoryBudget,
  ) {
    this.#locks = new ExpiringMap(clock, budget, ({ holder, queue }) => {
      [...queue.keys(), ...(holder ? [holder.owner] : [])].forEach(owner => this.forget(owner));
    });
  }

  peek(name: string, now: number): Lock | undefined {
    return this.#locks.get(name, now);
  }

  all(now: number): Iterable<Lock> {
    return this.#locks.all(now);
  }

  at(name: string, now: number): Lock {
    let lock = this.#locks.get(name, now);
    if (!lock) {
      const bytes = lockBytes(name);
      const queue = new Map<string, number>();
      lock = { key: name, expiresAt: Infinity, due: undefined, bytes, holder: undefined, queue };
      this.#locks.add(lock);
    }
    return lock;
  }

  /** Returns a number that is greater than all earlier ones, also after a restart of this process. */
  nextToken(): number {
    this.#lastToken = Math.max(this.#lastToken + 1, this.clock.stamp() * 1_000);
    return this.#lastToken;
  }

  /** Grants a lock. @returns the token */
  grant(lock: Lock, owner: string, lease: number, now: number): number {
    const token = this.nextToken();
    lock.holder = { owner, token, until: now + lease };
    this.note(lock.key, owner);
    this.changed(lock, now + lease);
    return token;
  }

  /** Grants a free lock to the first owner in the queue whose wait has not ended. */
  handOver(lock: Lock, now: number): void {
    for (const [owner, until] of lock.queue) {
      lock.queue.delete(owner);
      if (until > now) {
        const token = this.grant(lock, owner, CLAIM_MILLISECONDS, now);
        this.onGrant(clientOf(owner), { owner, token });
        return;
      }
      this.forget(owner);
    }
    this.#locks.delete(lock);
  }

  /**
   * Called when the holder or the queue of a lock has changed.
   *
   * @param until the end of a new lease or wait
   */
  changed(lock: Lock, until = 0): void {
    const { holder, queue, key, expiresAt } = lock;
    this.#locks.resize(lock, lockBytes(key) + (queue.size + (holder ? 1 : 0)) * OWNER_BYTES);
    if (until > expiresAt || expiresAt === Infinity) {
      this.#locks.expire(lock, until);
    }
  }

  note(name: string, owner: string): void {
    const client = clientOf(owner);
    const owners = this.#byClient.get(client) ?? new Map<string, string>();
    owners.set(owner, name);
    this.#byClient.set(client, owners);
  }

  forget(owner: string): void {
    const client = clientOf(owner);
    const owners = this.#byClient.get(client);
    owners?.delete(owner);
    if (owners?.size === 0) {
      this.#byClient.delete(client);
    }
  }

  heldBy(client: string): [lock: string, owner: string][] {
    return [...(this.#byClient.get(client) ?? [])].map(([owner, name]) => [name, owner]);
  }
}

function lockBytes(name: string): number {
  return LOCK_BYTES + textBytes(name);
}

/** @internal */
export const lockHandlers: Handlers<
  'lockAcquire' | 'lockRenew' | 'lockRelease' | 'lockHeld',
  LockSpace
> = {
  lockAcquire: (locks, { key, owner, lease, wait }, now) => {
    const known = locks.peek(key, now);
    const isPartOfIt = known?.holder?.owner === owner || known?.queue.has(owner);
    const growth = (known ? 0 : lockBytes(key)) + (isPartOfIt ? 0 : OWNER_BYTES);
    // A single attempt on a lock that is held needs no memory.
    const isRefused = wait === 0 && known?.holder !== undefined && known.holder.until > now;
    if (!isRefused && !locks.budget.fits(growth)) {
      return locks.budget.full();
    }
    const lock = locks.at(key, now);
    if (lock.holder && lock.holder.until <= now) {
      if (lock.holder.owner !== owner) {
        locks.forget(lock.holder.owner);
      }
      lock.holder = undefined;
    }
    if (!lock.holder) {
      if (wait > 0 && !lock.queue.has(owner)) {
        lock.queue.set(owner, now + wait);
      }
      const first = [...lock.queue].find(([other, until]) => other === owner || until > now)?.[0];
      if (first === undefined || first === owner) {
        lock.queue.delete(owner);
        return { token: locks.grant(lock, owner, lease, now) };
      }
      locks.handOver(lock, now);
    }
    const { holder } = lock;
    if (holder?.owner === owner) {
      holder.until = now + lease;
      locks.changed(lock, holder.until);
      return { token: holder.token };
    }
    if (wait > 0) {
      lock.queue.set(owner, now + wait);
      locks.note(key, owner);
      locks.changed(lock, now + wait);
    }
    return { heldFor: Math.max(1, (holder?.until ?? now) - now) };
  },

  lockRenew: (locks, { key, owner, lease }, now) => {
    const lock = locks.peek(key, now);
    const holder = lock?.holder;
    if (!lock || holder?.owner !== owner || holder.until <= now) {
      return false;
    }
    holder.until = now + lease;
    locks.changed(lock, holder.until);
    return true;
  },

  lockRelease: (locks, { key, owner }, now) => {
    locks.forget(owner);
    const lock = locks.peek(key, now);
    if (!lock) {
      return false;
    }
    lock.queue.delete(owner);
    const isHolder = lock.holder?.owner === owner;
    if (isHolder || !lock.holder || lock.holder.until <= now) {
      lock.holder = undefined;
      locks.handOver(lock, now);
    } else {
      locks.changed(lock);
    }
    return isHolder;
  },

  lockHeld: (locks, { client }) => locks.heldBy(client),
};
