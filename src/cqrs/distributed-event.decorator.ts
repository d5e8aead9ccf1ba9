import { InputChecks } from '../validation/input-checks.js';
import { BusInputError } from '../model/errors/bus-input.error.js';
import { aFunction, oneOf, required, text } from '../validation/rules.js';
import { distributedEvents } from './distributed-events.js';

/** Options of `@DistributedEvent()`. @publicApi */
export interface DistributedEventOptions<Event extends object = object> {
  /**
   * - `each`: handlers and sagas run in every worker
   * - `once`: handlers and sagas run in one worker
   */
  readonly handlers: 'each' | 'once';
  /**
   * The name by which the workers know the event. Set it if two classes have the same name, or if a bundler renames
   * classes.
   *
   * @defaultValue the name of the class
   */
  readonly name?: string | undefined;
  /**
   * Creates the event from its data, which are JSON values: a `Date` is a text, for example.
   *
   * @defaultValue an object with the prototype of the class and these properties; the constructor is not called
   */
  readonly revive?: ((data: never) => Event) | undefined;
}

const RULES = {
  handlers: required(oneOf('each', 'once')),
  name: text('a string of 1 to 200 characters without "*"', value =>
    /^[^*\p{Cc}\p{Surrogate}]{1,200}$/u.test(value),
  ),
  revive: aFunction,
};

const checks = new InputChecks(BusInputError);

/**
 * Distributes the events of a class over all workers: an event that is published on the `EventBus` of one worker
 * reaches the handlers and sagas of every worker, or those of one worker. Needs `ClusterCqrsModule`.
 *
 * ```ts
 * @DistributedEvent({ handlers: 'once' })
 * export class OrderPaid {
 *   constructor(readonly id: string) {}
 * }
 * ```
 *
 * @throws BusInputError for an unknown option or an invalid value
 * @publicApi
 */
export function DistributedEvent<Event extends object>(
  options: DistributedEventOptions<Event>,
): (target: new (...args: never[]) => Event) => void {
  return target => {
    checks.options(RULES, '', target.name, options);
    const { handlers, name = target.name, revive } = options;
    distributedEvents.add({
      eventClass: target,
      handlers,
      name,
      revive: revive as ((data: object) => object) | undefined,
    });
  };
}
