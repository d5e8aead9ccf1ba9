import { type DynamicModule, Module } from '@nestjs/common';
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
  static forRoot(): DynamicModule {
    return {
      module: ClusterSocketIoModule,
      providers: [SocketIoSetup],
    };
  }
}
