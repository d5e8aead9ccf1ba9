import type { ConfigurableModuleAsyncOptions, InjectionToken, Provider } from '@nestjs/common';
import { ClusterConfigError } from '../errors/cluster-config.error.js';
import type { ClusterModuleOptions, ClusterOptionsFactory } from './cluster-options.interface.js';

/**
 * Options of `ClusterModule.forRootAsync()`: `useFactory`, `useClass` or `useExisting`, with
 * `imports` and `inject` as everywhere in Nest. A class has the method `createClusterOptions()`.
 *
 * The primary needs the options too. It resolves them in a small application context that holds only
 * the `imports`, and closes that again.
 *
 * @publicApi
 */
export type ClusterModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  ClusterModuleOptions,
  'createClusterOptions'
>;

/** Makes the user's options. @internal */
export type MakeOptions = () => Promise<ClusterModuleOptions>;

/**
 * The providers that give, under `token`, what `settle` makes of the user's options.
 *
 * @throws ClusterConfigError if there is no way given to make them
 * @internal
 */
export function asyncOptionsProviders<T>(
  async: ClusterModuleAsyncOptions,
  token: InjectionToken,
  settle: (make: MakeOptions) => Promise<T>,
): Provider[] {
  const { useFactory, useClass, useExisting, inject = [], provideInjectionTokensFrom = [] } = async;
  if (useFactory) {
    return [
      ...provideInjectionTokensFrom,
      {
        provide: token,
        inject,
        useFactory: (...dependencies: unknown[]) => settle(async () => useFactory(...dependencies)),
      },
    ];
  }
  const factory = useExisting ?? useClass;
  if (!factory) {
    throw new ClusterConfigError(
      'ClusterModule.forRootAsync()',
      async,
      'one of useFactory, useClass or useExisting',
    );
  }
  return [
    ...(useClass ? [useClass] : []),
    {
      provide: token,
      inject: [factory],
      useFactory: (options: ClusterOptionsFactory) =>
        settle(async () => options.createClusterOptions()),
    },
  ];
}
