import type { ArrivedEvent, FeedListener } from '../arrived-event.interface.js';
import type { Gap } from '../../gaps/gap.interface.js';
import type { PlainSubscriber } from '../plain-subscriber.js';

/**
 * This member's share in a group of a plain topic: the events that their senders meant for it, each to one
 * of the subscribers that the group has here, in turn.
 *
 * @internal
 */
export class PlainGroup implements FeedListener {
  readonly #subscribers = new Set<PlainSubscriber>();

  constructor(
    /** By which events say for whom of the group they are. */
    readonly key: string,
    /** This member's own name. */
    private readonly self: string,
  ) {}

  get isUnused(): boolean {
    return this.#subscribers.size === 0;
  }

  add(subscriber: PlainSubscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: PlainSubscriber): void {
    this.#subscribers.delete(subscriber);
  }

  onEvent(event: ArrivedEvent): void {
    const [next] = this.#subscribers;
    if (next && event.to?.[this.key] === this.self) {
      this.#subscribers.delete(next);
      this.#subscribers.add(next);
      next.onEvent(event);
    }
  }

  /** Which of those that are missing were for this member, nobody knows. */
  onGap(gap: Gap): void {
    this.#subscribers.forEach(subscriber => subscriber.onGap({ ...gap, missed: undefined }));
  }

  onPassed(): void {}

  onResumed(): void {}
}
