import type { FactoryProvider, InjectionToken } from '@nestjs/common';

/**
 * Returns a provider of a value that is not in the metadata of its module.
 *
 * With the options `snapshot` and `moduleIdGeneratorAlgorithm: 'deep-hash'`, Nest serializes the metadata of dynamic
 * modules, including each `useValue`. That fails for an object with a cycle, and is slow for a large one.
 *
 * @internal
 */
export function opaqueValue<T>(provide: InjectionToken, value: T): FactoryProvider<T> {
  return { provide, useFactory: () => value };
}
