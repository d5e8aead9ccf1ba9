import { BusInputError } from '../../model/errors/bus-input.error.js';
import { shown } from '../../system/text/shown.js';

/**
 * Returns the method that a decorator is applied to.
 *
 * @param decorator the decorator as it is written, for the error message
 * @throws BusInputError for a property, an accessor, a class or a static method, which would never be called
 * @internal
 */
export function methodOf(
  target: object,
  name: string | symbol,
  descriptor: { readonly value?: unknown } | undefined,
  decorator: string,
  topic: string,
): object {
  const method = descriptor?.value;
  if (typeof method !== 'function' || typeof target === 'function') {
    const isStatic = typeof method === 'function';
    const place = isStatic ? `the static method ${shown(name)}` : shown(name ?? target);
    throw new BusInputError(
      topic,
      `${decorator} can only decorate instance methods; ${place} is not one.`,
    );
  }
  return method;
}
