import { BusInputError } from '../../model/errors/bus-input.error.js';
import { shown } from '../../system/text/shown.js';

/**
 * The method that a decorator stands on.
 *
 * @param decorator as one writes it
 * @throws BusInputError for a property, an accessor, a class, and a static method: nobody would call it
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
      `${decorator} decorates methods of instances, and ${place} is none.`,
    );
  }
  return method;
}
