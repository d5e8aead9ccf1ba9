import { Logger, type LoggerService, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DeferredModule } from './deferred-module.js';

type Create = (module: unknown, ...rest: unknown[]) => Promise<unknown>;

/** Where Nest's `@Module()` keeps what it is given under this name. */
const IMPORTS = 'imports';

let prepared = false;

/**
 * Has `NestFactory.create()` await the deferred module among an application's imports before anything
 * else. Nest would come to it by itself, but only after it has loaded the HTTP framework, which a
 * primary never needs: the workers would start that much later.
 *
 * What is not found by looking at the imports (a module behind a promise, say) is awaited by Nest.
 *
 * @internal
 */
export function startEarly(): void {
  if (prepared) {
    return;
  }
  prepared = true;
  const factory = NestFactory as unknown as { create: Create };
  const create = factory.create.bind(NestFactory);
  factory.create = async (module, ...rest) => {
    const deferred = findDeferred(module);
    if (deferred) {
      useLoggerOf(rest.at(-1));
      // An error is Nest's to report, as that of any module.
      await deferred.catch(() => {});
    }
    return create(module, ...rest);
  };
}

/**
 * The first deferred module among the imports of a module, and theirs.
 *
 * @internal
 */
export function findDeferred(
  module: unknown,
  seen: Set<unknown> = new Set(),
): DeferredModule | undefined {
  if (module instanceof DeferredModule) {
    return module;
  }
  if (seen.has(module)) {
    return undefined;
  }
  seen.add(module);
  for (const imported of importsOf(module)) {
    const found = findDeferred(imported, seen);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function importsOf(module: unknown): readonly unknown[] {
  if (typeof module === 'function') {
    return asArray(Reflect.getMetadata(IMPORTS, module));
  }
  if (typeof module !== 'object' || module === null || module instanceof Promise) {
    return [];
  }
  // A dynamic module has its class's imports too.
  const dynamic = module as { readonly imports?: unknown; readonly module?: unknown };
  return [...asArray(dynamic.imports), dynamic.module];
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** As Nest does at the beginning of `create()`. */
function useLoggerOf(options: unknown): void {
  const logger = (options as { readonly logger?: unknown } | undefined)?.logger;
  if (logger !== undefined && logger !== null && logger !== true) {
    Logger.overrideLogger(logger as LoggerService | LogLevel[] | false);
  }
}
