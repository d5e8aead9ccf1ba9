import { type DynamicModule, Module } from '@nestjs/common';
import { checkModule } from '../bootstrap/preflight.js';
import { opaqueValue } from '../nest/opaque-value.js';
import { checkOptions } from './check-options.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';
import { SOCKET_IO_OPTIONS } from './socket-io-options.token.js';
import { SocketIoSetup } from './socket-io-setup.js';

/**
 * Runs Socket.IO gateways in all workers, without a change to `main.ts`, the gateways or the clients.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), ClusterSocketIoModule.forRoot()] })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({})
export class ClusterSocketIoModule {
  /**
   * Invalid options reject the creation of the application with a `ClusterConfigError`, before any worker is forked.
   */
  static forRoot(options: ClusterSocketIoOptions = {}): DynamicModule {
    checkModule(() => checkOptions(options));
    return {
      module: ClusterSocketIoModule,
      providers: [opaqueValue(SOCKET_IO_OPTIONS, options), SocketIoSetup],
    };
  }
}
