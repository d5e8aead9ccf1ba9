import { CLAIM_MILLISECONDS, clientOf } from '../../client/lock-owner.js';
import { LOCK_BYTES, OWNER_BYTES, textBytes } from './structures/byte-sizes.js';
import { type Expiring, ExpiringMap } from './structures/expiring-map.js';
import type { Handlers } from './memory-handlers.js';
import type { LockSpace } from './memory-locks.js';

/** A semaphore. It expires when all leases and waits have ended. */
interface Semaphore extends Expiring {
  /** The owners that hold a permit, and the end of their leases. */
  readonly holders: Map<string, number>;
  /** The waiting owners in the order of arrival, and the end of their wait. */
  readonly queue: Map<string, number>;
}

/** All semaphores. @internal */
export class SemaphoreSpace {
  readonly #semaphores: ExpiringMap<Semaphore>;

  /** @param locks which knows what each client holds or waits for, and notifies it */
  constructor(readonly locks: LockSpace) {
    this.#semaphores = new ExpiringMap(locks.clock, locks.budget, ({ holders, queue }) => {
      [...holders.keys(), ...queue.keys()].forEach(owner => locks.forget(owner));
    });
  }

  all(now: number): Iterable<Semaphore> {
    return this.#semaphores.all(now);
  }

  /** Returns a semaphore without the leases that have ended, and their number. */
  peek(key: string, now: number): { semaphore: Semaphore | undefined; ended: number } {
    const semaphore = this.#semaphores.get(key, now);
    let ended = 0;
    for (const [owner, until] of semaphore?.holders ?? []) {
      if (until <= now) {
        semaphore!.holders.delete(owner);
        this.locks.forget(owner);
        ended++;
      }
    }
    return { semaphore, ended };
  }

  create(key: string): Semaphore {
    const bytes = semaphoreBytes(key);
    const parts = { holders: new Map<string, number>(), queue: new Map<string, number>() };
    const semaphore = { key, expiresAt: Infinity, due: undefined, bytes, ...parts };
    this.#semaphores.add(semaphore);
    return semaphore;
  }

  grant({ key, holders, queue }: Semaphore, owner: string, until: number): number {
    queue.delete(owner);
    holders.set(owner, until);
    this.locks.note(key, owner);
    return this.locks.nextToken();
  }

  /** Grants up to `count` free permits to the first owners in the queue. */
  handOut(semaphore: Semaphore, count: number, now: number): void {
    let left = count;
    for (const [owner, until] of semaphore.queue) {
      if (left <= 0) {
        return;
      }
      if (until > now) {
        const token = this.grant(semaphore, owner, now + CLAIM_MILLISECONDS);
        this.locks.onGrant(clientOf(owner), { owner, token });
        left--;
      } else {
        semaphore.queue.delete(owner);
        this.locks.forget(owner);
      }
    }
  }

  /** Called when the holders or the queue have changed. */
  changed(semaphore: Semaphore): void {
    const { key, holders, queue } = semaphore;
    if (holders.size + queue.size === 0) {
      this.#semaphores.delete(semaphore);
      return;
    }
    this.#semaphores.resize(
      semaphore,
      semaphoreBytes(key) + (holders.size + queue.size) * OWNER_BYTES,
    );
    let last = 0;
    for (const until of [...holders.values(), ...queue.values()]) {
      last = Math.max(last, until);
    }
    this.#semaphores.expire(semaphore, last);
  }
}

function semaphoreBytes(key: string): number {
  return LOCK_BYTES + textBytes(key);
}

/** @internal */
export const semaphoreHandlers: Handlers<
  'permitAcquire' | 'permitRenew' | 'permitRelease',
  SemaphoreSpace
> = {
  permitAcquire: (space, { key, owner, permits, lease, wait }, now) => {
    const known = space.peek(key, now).semaphore;
    const isPartOfIt = known?.holders.has(owner) || known?.queue.has(owner);
    const growth = (known ? 0 : semaphoreBytes(key)) + (isPartOfIt ? 0 : OWNER_BYTES);
    if (!space.locks.budget.fits(growth)) {
      return space.locks.budget.full();
    }
    const semaphore = known ?? space.create(key);
    const { holders, queue } = semaphore;
    let isGranted = holders.has(owner);
    if (!isGranted && wait > 0) {
      queue.set(owner, now + wait);
      space.locks.note(key, owner);
      space.handOut(semaphore, permits - holders.size, now);
      isGranted = holders.has(owner);
    } else if (!isGranted) {
      queue.delete(owner);
      space.handOut(semaphore, permits - holders.size, now);
      isGranted = holders.size < permits;
    }
    const token = isGranted && space.grant(semaphore, owner, now + lease);
    space.changed(semaphore);
    return token ? { token } : { heldFor: Math.max(1, Math.min(...holders.values()) - now) };
  },

  permitRenew: (space, { key, owner, lease }, now) => {
    const { semaphore } = space.peek(key, now);
    if (!semaphore?.holders.has(owner)) {
      return false;
    }
    semaphore.holders.set(owner, now + lease);
    space.changed(semaphore);
    return true;
  },

  permitRelease: (space, { key, owner, permits }, now) => {
    space.locks.forget(owner);
    const { semaphore, ended } = space.peek(key, now);
    if (!semaphore) {
      return false;
    }
    semaphore.queue.delete(owner);
    const isHolder = semaphore.holders.delete(owner);
    const free =
      permits === undefined ? ended + Number(isHolder) : permits - semaphore.holders.size;
    space.handOut(semaphore, free, now);
    space.changed(semaphore);
    return isHolder;
  },
};
