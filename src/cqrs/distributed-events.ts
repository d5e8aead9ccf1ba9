import { BusInputError } from '../model/errors/bus-input.error.js';

/** @internal */
export type EventClass = new (...args: never[]) => object;

/** A class whose events are distributed. @internal */
export interface DistributedEventClass {
  readonly eventClass: EventClass;
  readonly handlers: 'each' | 'once';
  /** The name by which the workers know it. */
  readonly name: string;
  readonly revive: ((data: object) => object) | undefined;
}

/**
 * The decorated event classes of this process.
 *
 * @internal
 */
export class DistributedEvents {
  readonly #byClass = new Map<unknown, DistributedEventClass>();
  readonly #byName = new Map<string, DistributedEventClass[]>();
  readonly #observers = new Set<(added: DistributedEventClass) => void>();

  add(added: DistributedEventClass): void {
    this.#byClass.set(added.eventClass, added);
    this.#byName.set(added.name, [...(this.#byName.get(added.name) ?? []), added]);
    this.#observers.forEach(observer => observer(added));
  }

  get all(): DistributedEventClass[] {
    return [...this.#byClass.values()];
  }

  /** Returns the class of an event. A class that inherits from a decorated one is not decorated itself. */
  of(event: object): DistributedEventClass | undefined {
    const prototype = Object.getPrototypeOf(event) as { readonly constructor?: unknown } | null;
    return this.#byClass.get(prototype?.constructor);
  }

  /** @throws BusInputError if several classes have the name */
  named(name: string): DistributedEventClass | undefined {
    const classes = this.#byName.get(name) ?? [];
    if (classes.length > 1) {
      throw new BusInputError(
        name,
        `${classes.length} classes with @DistributedEvent() have the name "${name}". Give each of them a different name: @DistributedEvent({ name: … }).`,
      );
    }
    return classes[0];
  }

  /** Calls back for each class that is added. @returns a function that ends this */
  observe(observer: (added: DistributedEventClass) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }
}

/** @internal */
export const distributedEvents = new DistributedEvents();
