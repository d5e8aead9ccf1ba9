import { groupKey, type GroupMembership } from '../../membership/bus-member.interface.js';
import { PlainGroup } from './plain-group.js';
import type { PlainSubscriber } from '../plain-subscriber.js';

/**
 * This member's shares in groups of plain topics.
 *
 * @internal
 */
export class PlainGroupRegistry {
  readonly #shares = new Map<string, PlainGroup>();

  /** @param self this member's own name */
  constructor(private readonly self: string) {}

  get isEmpty(): boolean {
    return this.#shares.size === 0;
  }

  /** The share that a subscriber is part of from now on. */
  join(place: GroupMembership, subscriber: PlainSubscriber): PlainGroup {
    const key = groupKey(place);
    const share = this.#shares.get(key) ?? new PlainGroup(key, this.self);
    this.#shares.set(key, share);
    share.add(subscriber);
    return share;
  }

  /** @returns whether nobody is part of the share any more */
  leave(share: PlainGroup, subscriber: PlainSubscriber): boolean {
    share.remove(subscriber);
    if (share.isUnused && this.#shares.get(share.key) === share) {
      this.#shares.delete(share.key);
    }
    return share.isUnused;
  }
}
