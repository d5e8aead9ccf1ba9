import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { DeferredModule } from './deferred-module.js';
import {
  type FactoryCall,
  factoryFor,
  type FactoryMethod,
  runFactoryCall,
} from '../nest/factory-call.js';
import { bootingApplications } from '../nest/booting-applications.js';
import { importsOf } from '../nest/module-tree.js';

type Create = (module: unknown, ...rest: unknown[]) => Promise<unknown>;

const METHODS = ['create', 'createMicroservice', 'createApplicationContext'] as const;

/**
 * Wraps the methods of `NestFactory`, for three purposes:
 *
 * - The modules that `forRoot()` returns learn which call awaits them.
 * - A process that is about to be ready learns which applications still boot.
 * - `create()` and `createMicroservice()` await such a module among an application's imports before anything else. Nest
 *   would await it, too, but only after loading the HTTP framework, which a primary never needs and which would delay the
 *   workers.
 *
 * A module that cannot be found in the imports synchronously, for example behind a promise, is awaited by Nest.
 *
 * @internal
 */
export function startEarly(): void {
  const factory = NestFactory as unknown as Record<FactoryMethod, Create>;
  for (const method of METHODS) {
    const create = factory[method];
    factory[method] = (root, ...rest) => {
      const call = { method, root };
      const run = async (): Promise<unknown> => {
        if (method !== 'createApplicationContext') {
          await awaitDeferred(call, rest);
        }
        return create.call(factoryFor(NestFactory, call), root, ...rest);
      };
      return bootingApplications.follow(call, () => runFactoryCall(call, run));
    };
  }
}

async function awaitDeferred(call: FactoryCall, rest: readonly unknown[]): Promise<void> {
  const [deferred, ...others] = findAllDeferred(call.root);
  if (deferred) {
    deferred.expect(call);
    if (others.some(other => !other.isSameAs(deferred))) {
      deferred.refuse(ClusterConfigError.registeredTwice());
    }
    useLoggerOf(rest.find(each => !isHttpAdapter(each)));
    // Nest reports the error, as for any module.
    await deferred.catch(() => {});
  }
}

/**
 * Returns the deferred modules among the imports of a module, and the imports of those.
 *
 * @internal
 */
export function findAllDeferred(
  module: unknown,
  seen: Set<unknown> = new Set(),
): readonly DeferredModule[] {
  if (seen.has(module)) {
    return [];
  }
  seen.add(module);
  return module instanceof DeferredModule
    ? [module]
    : importsOf(module).flatMap(imported => findAllDeferred(imported, seen));
}

/** Nest tells an adapter from the options in the same way. */
function isHttpAdapter(argument: unknown): boolean {
  return Boolean((argument as { readonly patch?: unknown } | undefined)?.patch);
}

/** Sets the logger, as Nest does at the beginning of `create()`. */
function useLoggerOf(options: unknown): void {
  const logger = (options as { readonly logger?: unknown } | undefined)?.logger;
  if (logger !== undefined && logger !== null && logger !== true) {
    Logger.overrideLogger(logger as LoggerService | LogLevel[] | false);
  }
}
