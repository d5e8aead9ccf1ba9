import type { Server } from 'node:http';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { serversOf } from '../drain/http/fastify-servers.js';
import { gatewaysOf } from '../drain/websocket/gateways.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { addressOf } from '../runtime/application-servers.js';
import { drainBeforeClose } from './drain-before-close.js';
import { listenWhenPlaced } from './listen-when-placed.js';
import { bindMicroservice } from './microservice-binding.js';
import { listenWithReusePort } from './reuse-port.js';
import { transportServerOf } from './transport-server.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * Binds an application to the lifecycle of its process: reports when it is ready, and drains it before it closes.
 *
 * @internal
 */
export function bindApplication(
  app: INestApplicationContext,
  runtime: Runtime,
  options: Pick<ResolvedClusterOptions, 'scheduling' | 'shutdown' | 'overload'>,
): void {
  const { lifecycle, readiness, mode, standby, host } = runtime;
  lifecycle.register(app, isContext(app));
  if (isHttpApplication(app)) {
    runtime.connections.disconnectWindow = options.shutdown.webSocketWindow;
    const isPausable = options.overload.maxDelay > 0;
    if (isPausable) {
      runtime.pausableServers.add(app.getHttpServer() as Server);
    }
    bindHttp(app, runtime, isPausable, mode === 'worker' && options.scheduling === 'reuse-port');
    return;
  }
  const transport = transportServerOf(app);
  if (transport) {
    bindMicroservice(app, transport, runtime);
  } else {
    if (standby.waits) {
      host.unpromotable();
    }
    standby.whenPlaced(() => readiness.serves());
  }
}

function bindHttp(
  app: INestApplication,
  runtime: Runtime,
  isPausable: boolean,
  reusePort: boolean,
): void {
  const { lifecycle, readiness, connections, mode, host, drains, servers } = runtime;
  const adapter = app.getHttpAdapter() as AbstractHttpAdapter;
  drainBeforeClose(adapter, () => lifecycle.closing(app));
  runtime.watchServer(adapter.getHttpServer() as Server);
  if (drains) {
    connections.attach(adapter.getHttpServer() as Server);
  }
  if (reusePort) {
    listenWithReusePort(adapter, host);
  }
  listenWhenPlaced(adapter, runtime);
  const application = { app, adapter, isPausable, isToldToListen: false };
  onceCalled(adapter, () => (application.isToldToListen = true));
  servers.add(application);
  app.get(HttpAdapterHost).listen$.subscribe(() => {
    for (const server of serversOf(adapter)) {
      if (drains) {
        connections.attach(server);
      }
      // Node itself reports every other listening server of a worker to the primary.
      if (reusePort || mode === 'single') {
        lifecycle.listening(addressOf(server));
      }
    }
    if (drains) {
      connections.attachGateways(gatewaysOf(app));
    }
    readiness.serves(app);
  });
}

/** Calls `onCall` when `listen()` of the adapter is called; `app.listen()` ends in it. */
function onceCalled(target: { listen(...args: never[]): unknown }, onCall: () => void): void {
  const listen = target.listen.bind(target) as (...args: unknown[]) => unknown;
  target.listen = (...args: unknown[]) => {
    onCall();
    return listen(...args);
  };
}

/** Whether the application is an application context. @internal */
export function isContext(app: INestApplicationContext): boolean {
  return !isHttpApplication(app) && !transportServerOf(app);
}

function isHttpApplication(app: INestApplicationContext): app is INestApplication {
  return 'getHttpAdapter' in app;
}
