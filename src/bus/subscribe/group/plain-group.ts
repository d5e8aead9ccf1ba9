import type { ArrivedEvent, FeedListener } from '../arrived-event.interface.js';
import type { Gap } from '../../gaps/gap.interface.js';
import type { PlainSubscriber } from '../plain-subscriber.js';

/**
 * The subscribers of one consumer group in this process, on a plain topic. Takes the events that publishers assigned
 * to this member, and gives each one to the next subscriber in turn.
 *
 * @internal
 */
export class PlainGroup implements FeedListener {
  readonly #subscribers = new Set<PlainSubscriber>();

  constructor(
    /** The key under which an event names the member of the group that gets it. */
    readonly key: string,
    /** The name of this member. */
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

  /** Reports the gap with an unknown count: the missing events may have been assigned to other members. */
  onGap(gap: Gap): void {
    this.#subscribers.forEach(subscriber => subscriber.onGap({ ...gap, missed: undefined }));
  }

  onPassed(): void {}

  onResumed(): void {}
}
