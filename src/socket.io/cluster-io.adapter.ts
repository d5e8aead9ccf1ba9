import type { INestApplicationContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import type { Engine } from '../session-forwarding/engine.interface.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';
import { checkOptions } from './check-options.js';
import { IoServers } from './io-servers.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';
import { SOCKET_IO_OPTIONS } from './socket-io-options.token.js';

type CreateServer = IoAdapter['createIOServer'];

/** The path of Socket.IO, if the gateway names no other. */
const DEFAULT_PATH = '/socket.io';

/**
 * The `IoAdapter` of an application that runs in several workers: each session reaches the worker that has it, with any
 * transport, and rooms and broadcasts reach the sockets of all workers.
 *
 * `ClusterSocketIoModule` sets it. If your application sets an adapter of its own, let that one extend this class:
 *
 * ```ts
 * class CorsAdapter extends ClusterIoAdapter {
 *   override createIOServer(port: number, options?: ServerOptions) {
 *     return super.createIOServer(port, Object.assign({}, options, { cors: { origin: 'https://example.com' } }));
 *   }
 * }
 * app.useWebSocketAdapter(new CorsAdapter(app));
 * ```
 *
 * @publicApi
 */
export class ClusterIoAdapter extends IoAdapter {
  readonly #app: Pick<INestApplicationContext, 'get'>;
  readonly #options: ClusterSocketIoOptions;
  #servers: IoServers | undefined;

  /**
   * @param app the application
   * @param options as those of `ClusterSocketIoModule.forRoot()`, which are the default
   * @throws ClusterConfigError for an unknown option or an invalid value
   */
  constructor(app: Pick<INestApplicationContext, 'get'>, options: ClusterSocketIoOptions = {}) {
    super('getHttpServer' in app ? app : undefined);
    checkOptions(options);
    this.#app = app;
    this.#options = options;
  }

  /**
   * Creates a server of Socket.IO. Nest calls it for each port and path of the gateways. An `adapter` among the options
   * replaces the one of this package.
   *
   * @throws ClusterConfigError if the application does not import `ClusterModule`, or if `forwardBetweenHosts` is impossible
   */
  override createIOServer(
    port: number,
    options?: Parameters<CreateServer>[1],
  ): ReturnType<CreateServer> {
    this.#findHttpServer();
    this.#servers ??= new IoServers(this.#runtime(), this.#app, {
      ...this.#moduleOptions(),
      ...this.#options,
    });
    const name = `${port}${(options?.path ?? DEFAULT_PATH).replace(/\/$/, '')}`;
    const own = this.#servers.settingsFor(name, options);
    const server = super.createIOServer(port, Object.assign({}, options, own, adapterOf(options)));
    this.#servers.attach(name, server.engine as unknown as Engine, server.httpServer);
    return server;
  }

  /** Resolves when other workers can forward to this one. @internal */
  async ready(): Promise<void> {
    await this.#servers?.ready();
  }

  /** Called by Nest when its servers are closed. */
  override async dispose(): Promise<void> {
    await super.dispose();
    await this.#servers?.close();
  }

  /** A provider is created before the HTTP server of its application. */
  #findHttpServer(): void {
    const adapter: { httpServer?: unknown } = this as object;
    adapter.httpServer ??= this.#app
      .get(HttpAdapterHost, { strict: false })
      .httpAdapter?.getHttpServer();
  }

  /** An adapter of the application replaces that of the module, and not its options. */
  #moduleOptions(): ClusterSocketIoOptions {
    try {
      return this.#app.get<ClusterSocketIoOptions>(SOCKET_IO_OPTIONS, { strict: false });
    } catch {
      return {};
    }
  }

  #runtime(): Runtime {
    try {
      return this.#app.get<Runtime>(RUNTIME, { strict: false });
    } catch {
      throw ClusterConfigError.missingModule('ClusterIoAdapter');
    }
  }
}

/** Returns the adapter that a gateway has set for itself, if there is one. */
function adapterOf({ adapter }: { readonly adapter?: unknown } = {}): { adapter?: unknown } {
  return adapter === undefined ? {} : { adapter };
}
