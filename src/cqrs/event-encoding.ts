import { BusInputError } from '../model/errors/bus-input.error.js';
import { jsonText, type NotJsonError } from '../system/text/json-text.js';
import { shown } from '../system/text/shown.js';
import type { DistributedEventClass } from './distributed-events.js';

/** An event on the bus. @internal */
export interface SentCqrsEvent {
  readonly name: string;
  readonly data: object;
}

/**
 * Returns an event as JSON data: the result of its `toJSON()`, or its own properties.
 *
 * @throws BusInputError if JSON cannot represent them
 * @internal
 */
export function encodeEvent({ name }: DistributedEventClass, event: object): SentCqrsEvent {
  const { toJSON } = event as { readonly toJSON?: unknown };
  const data: unknown = typeof toJSON === 'function' ? toJSON.call(event) : { ...event };
  try {
    return { name, data: JSON.parse(jsonText(data)) as object };
  } catch (error) {
    const { what, cause } = error as NotJsonError;
    throw new BusInputError(
      name,
      `The event ${name} cannot be sent to other workers, because JSON cannot represent it: ${what}. Use properties that are JSON values, or give the class a toJSON() and the option revive.`,
      { cause },
    );
  }
}

/**
 * Returns the event with the prototype of its class.
 *
 * @throws BusInputError if `revive` does not return an event of the class
 * @internal
 */
export function reviveEvent(
  { name, eventClass, revive }: DistributedEventClass,
  data: object,
): object {
  if (!revive) {
    return Object.setPrototypeOf(data, eventClass.prototype as object) as object;
  }
  const event: unknown = revive(data);
  if (!(event instanceof eventClass)) {
    throw new BusInputError(
      name,
      `The option revive of the event ${name} must return an instance of the class, but returned ${shown(event)}.`,
    );
  }
  return event;
}
