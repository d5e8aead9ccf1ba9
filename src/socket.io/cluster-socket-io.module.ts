import { type DynamicModule, Module } from '@nestjs/common';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';
import { SOCKET_IO_OPTIONS, SocketIoSetup } from './socket-io-setup.js';

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
  static forRoot(options: ClusterSocketIoOptions = {}): DynamicModule {
    return {
      module: ClusterSocketIoModule,
      providers: [{ provide: SOCKET_IO_OPTIONS, useValue: options }, SocketIoSetup],
    };
  }
}
