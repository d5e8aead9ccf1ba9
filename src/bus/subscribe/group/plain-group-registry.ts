import { groupKey, type GroupMembership } from '../../membership/bus-member.interface.js';
import { PlainGroup } from './plain-group.js';
import type { PlainSubscriber } from '../plain-subscriber.js';

/**
 * The consumer groups of plain topics that have subscribers in this process.
 *
 * @internal
 */
export class PlainGroupRegistry {
  readonly #shares = new Map<string, PlainGroup>();

  /** @param self the name of this member */
  constructor(private readonly self: string) {}

  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  /** Adds a subscriber to a group, and returns the group. */
  join(place: GroupMembership, subscriber: PlainSubscriber): PlainGroup {
    const key = groupKey(place);
    const share = this.#shares.get(key) ?? new PlainGroup(key, this.self);
    this.#shares.set(key, share);
    share.add(subscriber);
    return share;
  }

  /** Removes a subscriber from a group. @returns whether the group has no more subscribers in this process */
  leave(share: PlainGroup, subscriber: PlainSubscriber): boolean {
    share.remove(subscriber);
    if (share.isUnused && this.#shares.get(share.key) === share) {
      this.#shares.delete(share.key);
    }
    return share.isUnused;
  }
}
