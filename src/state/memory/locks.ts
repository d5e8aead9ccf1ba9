import { CLAIM_MILLISECONDS, clientOf } from '../lock-owner.js';
import type { Grant } from '../state-executor.interface.js';
import type { Handlers } from './handlers.js';
import type { MemoryClock } from './memory-clock.js';

interface Lock {
  holder: { readonly owner: string; readonly token: number; until: number } | undefined;
  /** Who waits, in the order of arrival, and until when. */
  readonly queue: Map<string, number>;
}

/** All locks, and which client has to do with which of them. @internal */
export class LockSpace {
  readonly #locks = new Map<string, Lock>();
  /** Of each client: its owners, and the lock of each. */
  readonly #byClient = new Map<string, Map<string, string>>();
  #lastToken = 0;

  constructor(
    private readonly onGrant: (client: string, grant: Grant) => void,
    private readonly clock: Pick<MemoryClock, 'stamp'>,
  ) {}

  peek(name: string): Lock | undefined {
    return this.#locks.get(name);
  }

  at(name: string): Lock {
    const lock = this.#locks.get(name) ?? { holder: undefined, queue: new Map<string, number>() };
    this.#locks.set(name, lock);
    return lock;
  }

  /** Tokens only ever grow, also from one life of this process to the next. */
  grant(name: string, owner: string, lease: number, now: number): number {
    const token = Math.max(this.#lastToken + 1, this.clock.stamp() * 1_000);
    this.#lastToken = token;
    this.at(name).holder = { owner, token, until: now + lease };
    this.note(name, owner);
    return token;
  }

  /** Gives a free lock to the first who waits and whose time is not over. */
  handOver(name: string, now: number): void {
    const { queue } = this.at(name);
    for (const [owner, until] of queue) {
      queue.delete(owner);
      if (until > now) {
        const token = this.grant(name, owner, CLAIM_MILLISECONDS, now);
        this.onGrant(clientOf(owner), { owner, token });
        return;
      }
    }
    this.#locks.delete(name);
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

/** @internal */
export const lockHandlers: Handlers<
  'lockAcquire' | 'lockRenew' | 'lockRelease' | 'lockHeld',
  LockSpace
> = {
  lockAcquire: (locks, { key, owner, lease, wait }, now) => {
    const lock = locks.at(key);
    if (lock.holder && lock.holder.until <= now) {
      lock.holder = undefined;
    }
    if (!lock.holder) {
      if (wait > 0 && !lock.queue.has(owner)) {
        lock.queue.set(owner, now + wait);
      }
      const first = [...lock.queue].find(([other, until]) => other === owner || until > now)?.[0];
      if (first === undefined || first === owner) {
        lock.queue.delete(owner);
        return { token: locks.grant(key, owner, lease, now) };
      }
      locks.handOver(key, now);
    }
    const { holder } = lock;
    if (holder?.owner === owner) {
      holder.until = now + lease;
      return { token: holder.token };
    }
    if (wait > 0) {
      lock.queue.set(owner, now + wait);
      locks.note(key, owner);
    }
    return { heldFor: Math.max(1, (holder?.until ?? now) - now) };
  },

  lockRenew: (locks, { key, owner, lease }, now) => {
    const holder = locks.peek(key)?.holder;
    if (holder?.owner !== owner || holder.until <= now) {
      return false;
    }
    holder.until = now + lease;
    return true;
  },

  lockRelease: (locks, { key, owner }, now) => {
    const lock = locks.at(key);
    lock.queue.delete(owner);
    locks.forget(owner);
    const isHolder = lock.holder?.owner === owner;
    if (isHolder || !lock.holder || lock.holder.until <= now) {
      lock.holder = undefined;
      locks.handOver(key, now);
    }
    return isHolder;
  },

  lockHeld: (locks, { client }) => locks.heldBy(client),
};
