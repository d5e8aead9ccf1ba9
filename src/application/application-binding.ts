import type { Server } from 'node:http';
import type { INestApplication, INestApplicationContext } from '@nestjs/common';
import { type AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { serversOf } from '../drain/http/fastify-servers.js';
import { gatewaysOf } from '../drain/websocket/gateways.js';
import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { addressOf } from '../runtime/application-servers.js';
import { listenWithReusePort } from './reuse-port.js';
import type { Runtime } from '../runtime/runtime.js';

/**
 * Ties an application to the lifecycle of its process: tells when it is ready, and sees that it
 * drains before it closes.
 *
 * @internal
 */
export function bindApplication(
  app: INestApplicationContext,
  runtime: Runtime,
  options: Pick<ResolvedClusterOptions, 'scheduling' | 'shutdown' | 'overload'>,
): void {
  const { lifecycle, mode, standby, host } = runtime;
  lifecycle.register(app, isContext(app));
  if (isHttpApplication(app)) {
    runtime.connections.disconnectWindow = options.shutdown.webSocketWindow;
    const isPausable = options.overload.maxDelay > 0;
    if (isPausable) {
      runtime.pausableServers.add(app.getHttpServer() as Server);
    }
    bindHttp(app, runtime, isPausable, mode === 'worker' && options.scheduling === 'reuse-port');
  } else if (isMicroservice(app)) {
    bindMicroservice(app, runtime);
  } else {
    if (standby.waits) {
      host.unpromotable();
    }
    standby.whenPlaced(() => lifecycle.ready());
  }
}

function bindHttp(
  app: INestApplication,
  runtime: Runtime,
  isPausable: boolean,
  reusePort: boolean,
): void {
  const { lifecycle, connections, mode, drains, servers } = runtime;
  const adapter = app.getHttpAdapter() as AbstractHttpAdapter;
  drainBeforeClose(adapter, () => lifecycle.closing(app));
  runtime.watchServer(adapter.getHttpServer() as Server);
  if (drains) {
    connections.attach(adapter.getHttpServer() as Server);
  }
  if (reusePort) {
    listenWithReusePort(adapter);
  }
  listenWhenPlaced(adapter, runtime);
  const application = { adapter, isPausable, isToldToListen: false };
  onceCalled(adapter, () => (application.isToldToListen = true));
  servers.add(application);
  app.get(HttpAdapterHost).listen$.subscribe(() => {
    for (const server of serversOf(adapter)) {
      if (drains) {
        connections.attach(server);
      }
      // Of every other server of a worker that listens, Node itself tells the primary.
      if (reusePort || mode === 'single') {
        lifecycle.listening(addressOf(server));
      }
    }
    if (drains) {
      connections.attachGateways(gatewaysOf(app));
    }
    lifecycle.ready();
  });
}

/**
 * Nest awaits `beforeClose()` before anything else of a shutdown: before the adapter refuses
 * requests (`return503OnClosing`), and before `onModuleDestroy` takes away what they use.
 */
function drainBeforeClose(adapter: AbstractHttpAdapter, drain: () => Promise<void>): void {
  const closing: { beforeClose?(): void | Promise<void> } = adapter;
  const beforeClose = closing.beforeClose?.bind(adapter);
  closing.beforeClose = async () => {
    await drain();
    await beforeClose?.();
  };
}

/** A microservice is ready once its transport listens, which it does after it has bootstrapped. */
function bindMicroservice(app: Microservice, runtime: Runtime): void {
  const transport = app.getTransportServer();
  const listen = transport.listen.bind(transport);
  transport.listen = callback =>
    listen((error?: unknown, ...rest: unknown[]) => {
      callback(error, ...rest);
      if (!error) {
        runtime.lifecycle.ready();
      }
    });
  listenWhenPlaced(transport, runtime);
}

/** `app.listen()` ends in `listen()` of the adapter. */
function onceCalled(target: { listen(...args: never[]): unknown }, onCall: () => void): void {
  const listen = target.listen.bind(target) as (...args: unknown[]) => unknown;
  target.listen = (...args: unknown[]) => {
    onCall();
    return listen(...args);
  };
}

/** A spare is as far as it can be when all that is left to do is to listen. */
function listenWhenPlaced(
  target: { listen(...args: never[]): unknown },
  { standby, host }: Runtime,
): void {
  if (!standby.waits) {
    return;
  }
  const listen = target.listen.bind(target) as (...args: unknown[]) => unknown;
  target.listen = (...args: unknown[]) => {
    if (standby.waits) {
      host.standby();
    }
    standby.whenPlaced(() => void listen(...args));
  };
}

interface Microservice extends INestApplicationContext {
  getTransportServer(): {
    listen(callback: (error?: unknown, ...rest: unknown[]) => void): unknown;
  };
}

/** Whether it is what `createApplicationContext()` makes. @internal */
export function isContext(app: INestApplicationContext): boolean {
  return !isHttpApplication(app) && !isMicroservice(app);
}

function isHttpApplication(app: INestApplicationContext): app is INestApplication {
  return 'getHttpAdapter' in app;
}

function isMicroservice(app: INestApplicationContext): app is Microservice {
  return 'getTransportServer' in app;
}
