import { type DynamicModule, type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  asyncOptionsProviders,
  type ClusterModuleAsyncOptions,
  dependenciesOf,
} from './cluster-async-options.js';
import type { ClusterModuleOptions } from './cluster-options.interface.js';
import { watchExceptionHandler } from '../nest/exception-handler.js';
import { globalModulesWith } from './global-modules.js';

const OUTCOME = Symbol('OUTCOME');

type Outcome = { readonly options: ClusterModuleOptions } | { readonly error: unknown };

@Module({})
class OptionsModule {}

/**
 * Makes the options of `forRootAsync()` without the application: in a context that holds nothing but
 * their own imports, and those global modules of the application that they need, and that is closed again.
 *
 * @param root the root module of the application, if it is known
 * @internal
 */
export async function resolveOptionsApart(
  async: ClusterModuleAsyncOptions,
  root: unknown,
): Promise<ClusterModuleOptions> {
  const globals = await globalModulesWith(dependenciesOf(async), root);
  const module: DynamicModule = {
    module: OptionsModule,
    imports: [...(async.imports ?? []), ...globals],
    providers: asyncOptionsProviders<Outcome>(async, OUTCOME, make =>
      // An error of the factory is not one of this context, which can still be closed.
      make().then(
        options => ({ options }),
        (error: unknown) => ({ error }),
      ),
    ),
  };
  const context = await createQuietly(module);
  const outcome = context.get<Outcome>(OUTCOME);
  await context.close();
  if ('error' in outcome) {
    throw outcome.error;
  }
  return outcome.options;
}

/** An error of a provider belongs to the application that asked, whose Nest prints it: here it would be the first of two. */
async function createQuietly(module: DynamicModule): Promise<INestApplicationContext> {
  const stopWatching = watchExceptionHandler(() => false);
  try {
    return await NestFactory.createApplicationContext(module, { abortOnError: false });
  } finally {
    stopWatching();
  }
}
