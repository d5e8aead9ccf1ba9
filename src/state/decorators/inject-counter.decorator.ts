import { type FactoryProvider, Inject } from '@nestjs/common';
import { SharedState } from '../shared-state.js';
import { checkCounter, type CounterOptions } from '../objects/counter.js';

const providers = new Map<string, FactoryProvider>();

/**
 * Injects the counter of that name: `@InjectCounter('visits') visits: Counter`. The same as
 * `state.counter('visits', options)`.
 *
 * For classes that are loaded before the application is created. Modules that are loaded later, by
 * Nest's `LazyModuleLoader`, inject `SharedState`.
 *
 * @throws StateInputError for a name or an option that cannot be
 * @publicApi
 */
export function InjectCounter(
  name: string,
  options: CounterOptions = {},
): PropertyDecorator & ParameterDecorator {
  const token = getCounterToken(name, options);
  providers.set(token, {
    provide: token,
    inject: [SharedState],
    useFactory: (state: SharedState) => state.counter(name, options),
  });
  return Inject(token);
}

/**
 * The token that `InjectCounter()` injects, for tests that put something in its place.
 *
 * @throws StateInputError for a name or an option that cannot be
 * @publicApi
 */
export function getCounterToken(name: string, options: CounterOptions = {}): string {
  checkCounter(name, options);
  const wishes = Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `nestjs-cluster:counter:${name}${wishes.length > 0 ? JSON.stringify(wishes) : ''}`;
}

/** Of every counter that is injected anywhere, up to now. @internal */
export function counterProviders(): FactoryProvider[] {
  return [...providers.values()];
}
