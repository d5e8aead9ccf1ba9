import { type DynamicModule, Module } from '@nestjs/common';
import { OWN_STATE } from '../state/own-state.token.js';
import type { SharedState } from '../state/shared-state.js';
import {
  type ClusterThrottlerOptions,
  ClusterThrottlerStorage,
} from './cluster-throttler.storage.js';
import { ThrottlerDelegation } from './throttler-delegation.js';

/**
 * Makes all workers share the limits of `@nestjs/throttler`: with a limit of 10, ten requests pass, and not ten in each
 * worker.
 *
 * ```ts
 * @Module({
 *   imports: [
 *     ClusterModule.forRoot(),
 *     ThrottlerModule.forRoot([{ limit: 10, ttl: 60_000 }]),
 *     ClusterThrottlerModule.forRoot(),
 *   ],
 * })
 * export class AppModule {}
 * ```
 *
 * The order of the imports does not matter. Guards, decorators and options of `@nestjs/throttler` work as before.
 *
 * @publicApi
 */
@Module({})
export class ClusterThrottlerModule {
  /** @throws StateInputError when the application starts, for an invalid option */
  static forRoot(options: ClusterThrottlerOptions = {}): DynamicModule {
    return {
      module: ClusterThrottlerModule,
      providers: [
        {
          provide: ClusterThrottlerStorage,
          inject: [OWN_STATE],
          useFactory: (state: SharedState) => new ClusterThrottlerStorage(state, options),
        },
        ThrottlerDelegation,
      ],
      exports: [ClusterThrottlerStorage],
    };
  }
}
