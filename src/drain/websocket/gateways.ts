import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { INestApplication } from '@nestjs/common';

/**
 * What the gateways of an application run on.
 *
 * @internal
 */
export interface Gateways {
  /** HTTP servers; those of gateways with a port of their own are not the application's. */
  readonly servers: readonly Server[];
  /** Engine.IO, which carries Socket.IO. */
  readonly engines: readonly Engine[];
}

/** The part of an Engine.IO server that is used here. @internal */
export interface Engine {
  readonly clients: Readonly<Record<string, EngineClient>>;
  on(event: 'connection', listener: (client: EngineClient) => void): unknown;
}

/** A client of Engine.IO, whatever it is connected by at the time. @internal */
export interface EngineClient {
  readonly transport: { readonly name: string };
  close(): void;
}

/**
 * Nest tells nobody which servers its gateways have: they stand in `socketsContainer` of the
 * application's `socketModule`, and those that `WsAdapter` shares between gateways, in its
 * `httpServersRegistry`. Where these are not found, there are no gateways.
 *
 * @internal
 */
export function gatewaysOf(app: INestApplication): Gateways {
  const { socketModule } = app as unknown as { socketModule?: SocketModule | null };
  const servers = new Set<unknown>(
    socketModule?.applicationConfig?.getIoAdapter?.()?.httpServersRegistry?.values(),
  );
  const engines = new Set<Engine>();
  for (const { server } of socketModule?.socketsContainer?.getAll().values() ?? []) {
    // A gateway with a namespace has that, and the server behind it.
    const found = server.server ?? server;
    servers.add(found.httpServer ?? found['_server']);
    if (found.engine) {
      engines.add(found.engine);
    }
  }
  return { servers: [...servers].filter(isServer), engines: [...engines] };
}

/** Whoever brought a server of another kind has to drain it. */
function isServer(found: unknown): found is Server {
  return found instanceof NetServer;
}

interface SocketModule {
  readonly applicationConfig?: {
    getIoAdapter?(): { readonly httpServersRegistry?: Map<number, unknown> } | null;
  };
  readonly socketsContainer?: { getAll(): Map<unknown, { readonly server: GatewayServer }> };
}

/** One of Socket.IO, a namespace of Socket.IO, or one of `ws`. */
interface GatewayServer {
  readonly server?: GatewayServer;
  readonly engine?: Engine;
  readonly httpServer?: unknown;
  readonly ['_server']?: unknown;
}
