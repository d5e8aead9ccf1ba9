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
 * Resolves the options of `forRootAsync()` without the application: in a context that contains only the imports of
 * the options and the global modules that they need, and that is closed again.
 *
 * @param root the root module of the application, if known
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
      // An error of the factory is not an error of this context, which must still be closed.
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

/** Creates a context without logging an error of a provider: Nest logs it for the application, and would log it twice. */
async function createQuietly(module: DynamicModule): Promise<INestApplicationContext> {
  const stopWatching = watchExceptionHandler(() => false);
  try {
    return await NestFactory.createApplicationContext(module, { abortOnError: false });
  } finally {
    stopWatching();
  }
}
