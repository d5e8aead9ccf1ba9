import { isAfter } from '../../gaps/offset-step.js';

/** The maximum number of events. */
const CAPACITY = 1_000;

/**
 * Events that have arrived before those that precede them, in the order of their offsets.
 *
 * @internal
 */
export class ReorderBuffer<Event extends { readonly offset: string }> {
  readonly #events: Event[] = [];

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  get isFull(): boolean {
    return this.#events.length >= CAPACITY;
  }

  /** Inserts an event in its place, also if the buffer is full. An event that is there already is not added again. */
  insert(event: Event): void {
    const events = this.#events;
    const place = events.findLastIndex(({ offset }) => !isAfter(offset, event.offset));
    if (events[place]?.offset !== event.offset) {
      events.splice(place + 1, 0, event);
    }
  }

  /**
   * Removes events from the beginning while `mayTake` allows it, and returns them. Those that are not after the last
   * one are dropped.
   *
   * @param last the offset of the last event that was delivered
   * @param mayTake is called with an event, and the offset of the event that would be delivered before it
   */
  takeWhile(last: string, mayTake: (event: Event, last: string) => boolean): Event[] {
    const taken: Event[] = [];
    let place = 0;
    for (const event of this.#events) {
      if (isAfter(event.offset, last)) {
        if (!mayTake(event, last)) {
          break;
        }
        taken.push(event);
        last = event.offset;
      }
      place++;
    }
    this.#events.splice(0, place);
    return taken;
  }
}
