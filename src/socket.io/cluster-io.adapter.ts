import type { INestApplicationContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Engine } from '../forward/engine.interface.js';
import { forwarderOf, type SessionForwarder } from '../forward/session-forwarder.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';

type CreateServer = IoAdapter['createIOServer'];

/** Finds the providers of an application. @internal */
export type Providers = Pick<INestApplicationContext, 'get'>;

/**
 * The `IoAdapter` of an application that runs in several workers: each Socket.IO session reaches the worker that has
 * it, with any transport.
 *
 * `ClusterSocketIoModule` sets it. If your application sets an adapter of its own, let that one extend this class:
 *
 * ```ts
 * class CorsAdapter extends ClusterIoAdapter {
 *   override createIOServer(port: number, options?: ServerOptions) {
 *     return super.createIOServer(port, { ...options, cors: { origin: 'https://example.com' } });
 *   }
 * }
 * app.useWebSocketAdapter(new CorsAdapter(app));
 * ```
 *
 * @publicApi
 */
export class ClusterIoAdapter extends IoAdapter {
  readonly #providers: Providers;

  /**
   * @param app the application
   * @throws ClusterConfigError if `ClusterModule` is missing
   */
  constructor(app: Providers) {
    super('getHttpServer' in app ? app : undefined);
    this.#providers = app;
  }

  /** Creates a server of Socket.IO. Nest calls it for each port and path of the gateways. */
  override createIOServer(
    port: number,
    options?: Parameters<CreateServer>[1],
  ): ReturnType<CreateServer> {
    this.#findHttpServer();
    const server = super.createIOServer(port, options);
    this.#forwarder?.attach(`${port}${server.path()}`, server.engine as unknown as Engine);
    return server;
  }

  /** Resolves when other workers can forward to this one. @internal */
  async ready(): Promise<void> {
    await this.#forwarder?.open();
  }

  /** Called by Nest when its servers are closed. */
  override async dispose(): Promise<void> {
    await super.dispose();
    this.#forwarder?.close();
  }

  get #forwarder(): SessionForwarder | undefined {
    return forwarderOf(runtimeOf(this.#providers));
  }

  /** A provider is created before the HTTP server of its application. */
  #findHttpServer(): void {
    const adapter: { httpServer?: unknown } = this as object;
    adapter.httpServer ??= this.#providers
      .get(HttpAdapterHost, { strict: false })
      .httpAdapter?.getHttpServer();
  }
}

function runtimeOf(providers: Providers): Runtime {
  try {
    return providers.get<Runtime>(RUNTIME, { strict: false });
  } catch {
    throw ClusterConfigError.missingModule('ClusterIoAdapter');
  }
}
