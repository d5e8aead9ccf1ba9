import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { INestApplication } from '@nestjs/common';

/**
 * The servers that the gateways of an application use.
 *
 * @internal
 */
export interface Gateways {
  /** HTTP servers. A gateway with its own port has a server that does not belong to the application. */
  readonly servers: readonly Server[];
  /** Engine.IO servers, which carry Socket.IO. */
  readonly engines: readonly Engine[];
}

/** The part of an Engine.IO server that is used here. @internal */
export interface Engine {
  readonly clients: Readonly<Record<string, EngineClient>>;
  readonly opts?: { readonly transports?: unknown };
  on(event: 'connection', listener: (client: EngineClient) => void): unknown;
}

/** A client of Engine.IO, with its current transport. @internal */
export interface EngineClient {
  readonly transport: {
    readonly name: string;
    /** Milliseconds for which the closing of long polling waits for the next request. */
    closeTimeout?: number;
  };
  /**
   * @param discard whether to close it without telling the client
   */
  close(discard?: boolean): void;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * Returns the servers of the gateways. Nest has no API for them: they are in `socketsContainer` of the application's
 * `socketModule`, and those that `WsAdapter` shares between gateways in its `httpServersRegistry`. Without these
 * properties, no gateways are returned.
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
    // A gateway with a namespace has the namespace here, and the server behind it.
    const found = server.server ?? server;
    servers.add(found.httpServer ?? found['_server']);
    if (found.engine) {
      engines.add(found.engine);
    }
  }
  return { servers: [...servers].filter(isServer), engines: [...engines] };
}

/** Whether it is a Node server. Servers of other kinds must be drained by the code that created them. */
function isServer(found: unknown): found is Server {
  return found instanceof NetServer;
}

interface SocketModule {
  readonly applicationConfig?: {
    getIoAdapter?(): { readonly httpServersRegistry?: Map<number, unknown> } | null;
  };
  readonly socketsContainer?: { getAll(): Map<unknown, { readonly server: GatewayServer }> };
}

/** A server of Socket.IO, a namespace of Socket.IO, or a server of `ws`. */
interface GatewayServer {
  readonly server?: GatewayServer;
  readonly engine?: Engine;
  readonly httpServer?: unknown;
  readonly ['_server']?: unknown;
}
