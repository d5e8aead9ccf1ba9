import type {
  ConfigurableModuleAsyncOptions,
  InjectionToken,
  OptionalFactoryDependency,
  Provider,
} from '@nestjs/common';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { ClusterModuleOptions, ClusterOptionsFactory } from './cluster-options.interface.js';

/**
 * Options of `ClusterModule.forRootAsync()`: `useFactory`, `useClass` or `useExisting`, with `imports` and `inject`
 * as in other Nest modules. A class has the method `createClusterOptions()`.
 *
 * The primary needs the options, too. It resolves them in a small application context, which it closes again. This
 * context contains only the `imports`, and those global modules of the application that export an injected token,
 * such as a global `ConfigModule`.
 *
 * @publicApi
 */
export type ClusterModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  ClusterModuleOptions,
  'createClusterOptions'
>;

/** Returns the user's options. @internal */
export type MakeOptions = () => Promise<ClusterModuleOptions>;

/**
 * Returns the providers that provide the resolved options under `token`.
 *
 * @param settle resolves the user's options
 * @throws ClusterConfigError if none of `useFactory`, `useClass` and `useExisting` is given
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
      'given one of useFactory, useClass or useExisting',
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
 * Returns the tokens that must be injected to make the options.
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

/**
 * Returns the tokens of a constructor as Nest reads them: those of `@Inject()`, otherwise the types of the
 * parameters.
 */
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

/** Makes the dependency optional: Nest's own error would name an internal symbol. */
function optional(dependency: Dependency): OptionalFactoryDependency {
  return isOptional(dependency) ? dependency : { token: tokenOf(dependency), optional: true };
}

/**
 * @throws ClusterConfigError if a dependency is missing that the user has not made optional
 */
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
