import type {
  ConfigurableModuleAsyncOptions,
  InjectionToken,
  OptionalFactoryDependency,
  Provider,
} from '@nestjs/common';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { ClusterModuleOptions, ClusterOptionsFactory } from './cluster-options.interface.js';

/**
 * Options of `ClusterModule.forRootAsync()`: `useFactory`, `useClass` or `useExisting`, with
 * `imports` and `inject` as everywhere in Nest. A class has the method `createClusterOptions()`.
 *
 * The primary needs the options too. It resolves them in a small application context that holds only
 * the `imports` and those global modules of the application that export what is injected, such as a global
 * `ConfigModule`, and closes that again.
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
        inject: inject.map(optional),
        useFactory: (...dependencies: unknown[]) =>
          settle(async () => {
            assertFound(inject, dependencies);
            return useFactory(...dependencies);
          }),
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
      inject: [optional(factory)],
      useFactory: (options: ClusterOptionsFactory) =>
        settle(async () => {
          assertFound([factory], [options]);
          return options.createClusterOptions();
        }),
    },
  ];
}

type Dependency = InjectionToken | OptionalFactoryDependency;

/**
 * The tokens without which the options cannot be made.
 *
 * @internal
 */
export function dependenciesOf(async: ClusterModuleAsyncOptions): readonly InjectionToken[] {
  const { useFactory, useClass, useExisting, inject = [] } = async;
  if (useFactory) {
    return inject.map(tokenOf);
  }
  return useExisting ? [useExisting] : constructorTokens(useClass);
}

/** As Nest reads them: what is decorated with `@Inject()`, else the types of the parameters. */
function constructorTokens(target: object | undefined): readonly InjectionToken[] {
  if (!target) {
    return [];
  }
  const types = (Reflect.getMetadata('design:paramtypes', target) ?? []) as InjectionToken[];
  const tokens = [...types];
  const declared = (Reflect.getMetadata('self:paramtypes', target) ?? []) as {
    readonly index: number;
    readonly param: InjectionToken;
  }[];
  declared.forEach(({ index, param }) => (tokens[index] = param));
  return tokens;
}

/** Nest's own error would name a symbol of ours. */
function optional(dependency: Dependency): OptionalFactoryDependency {
  return isOptional(dependency) ? dependency : { token: tokenOf(dependency), optional: true };
}

/** @throws ClusterConfigError if one is missing that is not optional to the user */
function assertFound(inject: readonly Dependency[], found: readonly unknown[]): void {
  inject.forEach((dependency, place) => {
    if (found[place] === undefined && !isOptional(dependency)) {
      throw ClusterConfigError.unknownDependency(nameOf(tokenOf(dependency)));
    }
  });
}

function isOptional(dependency: Dependency): dependency is OptionalFactoryDependency {
  return typeof dependency === 'object' && 'token' in dependency && dependency.optional;
}

function tokenOf(dependency: Dependency): InjectionToken {
  return typeof dependency === 'object' && 'token' in dependency ? dependency.token : dependency;
}

function nameOf(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : String(token);
}
