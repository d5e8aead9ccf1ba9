import { groupKey, type GroupPlace } from '../../membership/bus-member.interface.js';
import { GroupShare } from './plain-group.js';
import type { PlainSubscriber } from '../plain-subscriber.js';

/**
 * This member's shares in groups of plain topics.
 *
 * @internal
 */
export class GroupShares {
  readonly #shares = new Map<string, GroupShare>();

  /** @param self this member's own name */
  constructor(private readonly self: string) {}

  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  /** The share that a subscriber is part of from now on. */
  join(place: GroupPlace, subscriber: PlainSubscriber): GroupShare {
    const key = groupKey(place);
    const share = this.#shares.get(key) ?? new GroupShare(key, this.self);
    this.#shares.set(key, share);
    share.add(subscriber);
    return share;
  }

  /** @returns whether nobody is part of the share any more */
  leave(share: GroupShare, subscriber: PlainSubscriber): boolean {
    share.remove(subscriber);
    if (share.isUnused && this.#shares.get(share.key) === share) {
      this.#shares.delete(share.key);
    }
    return share.isUnused;
  }
}
