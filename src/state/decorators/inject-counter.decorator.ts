import { type FactoryProvider, Inject } from '@nestjs/common';
import { SharedState } from '../shared-state.js';
import { absentCounter } from './absent-counter.js';
import { checkCounter, type CounterOptions } from '../objects/counter.js';

const providers = new Map<string, FactoryProvider>();

/**
 * Injects the counter `name`: `@InjectCounter('visits') visits: Counter`. It is the same counter as
 * `state.counter('visits', options)`.
 *
 * Works for classes that are loaded before the application is created. Modules that Nest's `LazyModuleLoader` loads
 * later must inject `SharedState`.
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
    // A test may override the shared state by anything.
    useFactory: (state: Partial<SharedState> | null) =>
      typeof state?.counter === 'function'
        ? state.counter(name, options)
        : absentCounter(name, options),
  });
  return Inject(token);
}

/**
 * Returns the injection token of `InjectCounter()`, for tests that override the counter.
 *
 * @throws StateInputError for a name or an option that cannot be
 * @publicApi
 */
export function getCounterToken(name: string, options: CounterOptions = {}): string {
  checkCounter(name, options);
  const wishes = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `nestjs-cluster:counter:${name}${wishes.length > 0 ? JSON.stringify(wishes) : ''}`;
}

/** Returns a provider for each counter that a loaded class injects. @internal */
export function counterProviders(): FactoryProvider[] {
  return [...providers.values()];
}
