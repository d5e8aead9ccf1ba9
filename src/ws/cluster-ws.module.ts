import { type DynamicModule, Module } from '@nestjs/common';
import { ClusterWsServer } from './cluster-ws-server.js';

/**
 * Provides `ClusterWsServer`, which reaches the WebSockets of all workers, for gateways of `WsAdapter`.
 *
 * ```ts
 * @Module({ imports: [ClusterModule.forRoot(), ClusterWsModule.forRoot()], providers: [ChatGateway] })
 * export class AppModule {}
 * ```
 *
 * @publicApi
 */
@Module({})
export class ClusterWsModule {
  /** Returns the module. It is global: `ClusterWsServer` can be injected everywhere. */
  static forRoot(): DynamicModule {
    return {
      module: ClusterWsModule,
      global: true,
      providers: [ClusterWsServer],
      exports: [ClusterWsServer],
    };
  }
}
