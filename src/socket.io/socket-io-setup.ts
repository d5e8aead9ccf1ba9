import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, ModuleRef } from '@nestjs/core';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { ClusterIoAdapter } from './cluster-io.adapter.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';
import { SOCKET_IO_OPTIONS } from './socket-io-options.token.js';

/**
 * Sets the adapter of the gateways before Nest connects them.
 *
 * @internal
 */
@Injectable()
export class SocketIoSetup implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly config: ApplicationConfig,
    modules: ModuleRef,
    @Inject(SOCKET_IO_OPTIONS) options: ClusterSocketIoOptions,
  ) {
    config.setIoAdapter(new ClusterIoAdapter(modules, options));
  }

  /** @throws ClusterConfigError if the application has set another adapter meanwhile */
  onModuleInit(): void {
    const adapter: unknown = this.config.getIoAdapter();
    if (!(adapter instanceof ClusterIoAdapter)) {
      const expected = 'an adapter that extends ClusterIoAdapter';
      throw new ClusterConfigError(
        'ClusterSocketIoModule',
        adapter,
        expected,
        `The application imports ClusterSocketIoModule, and replaces its adapter with app.useWebSocketAdapter(). ` +
          `Pass ${expected} of nestjs-cluster/socket.io, or remove the call.`,
      );
    }
  }

  /** The application becomes ready when its sessions can be reached. */
  async onApplicationBootstrap(): Promise<void> {
    await (this.config.getIoAdapter() as ClusterIoAdapter).ready();
  }
}
