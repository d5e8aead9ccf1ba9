import { type EventEmitter, errorMonitor } from 'node:events';
import type { Server } from 'node:http';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import type { Host } from './host.interface.js';
import type { Lifecycle } from './lifecycle.js';
import type { Standby } from './standby.js';

/** The part of Nest's HTTP adapters by which the servers of an application are known. @internal */
export interface ServedAdapter {
  getHttpServer(): unknown;
  getInstance(): unknown;
}

/** An application whose HTTP servers have yet to listen. @internal */
export interface ServedApplication {
  readonly adapter: ServedAdapter;
  /** Whether its servers are closed while the process is overloaded. */
  readonly isPausable: boolean;
  /** `app.listen()` was called: who called it tells when the process is ready. */
  isToldToListen: boolean;
}

/** What of the runtime is needed here. */
interface ServersRuntime {
  readonly mode: 'worker' | 'single';
  readonly connections: HttpConnections;
  readonly pausableServers: PausableServerSet;
  readonly standby: Standby;
  readonly host: Host;
  readonly lifecycle: Lifecycle;
  readonly drains: boolean;
}

/**
 * All HTTP servers of a process, also those of which Nest does not know: all of them are drained. Those that
 * serve an application without `app.listen()`, as `http.createServer(instance).listen(port)` does, make the process ready
 * when they listen, and a spare does not let them listen before it has a place.
 *
 * https://docs.nestjs.com/faq/multiple-servers
 *
 * @internal
 */
export class ApplicationServers {
  readonly #applications: ServedApplication[] = [];
  /** Those that were told to listen, and have not been closed. */
  readonly #servers = new Set<Server>();
  /** Those of them that do not listen yet, and serve an application. */
  readonly #pending = new Set<Server>();
  readonly #pausableServers = new WeakSet<Server>();

  constructor(private readonly runtime: ServersRuntime) {}

  /** An application has bootstrapped. */
  add(application: ServedApplication): void {
    this.#applications.push(application);
    for (const server of this.#servers) {
      if (server.listening && serves(server, application)) {
        this.#onListening(server);
      }
    }
  }

  /** A server is about to listen. */
  onListen(server: Server, listen: () => void, args: readonly unknown[]): void {
    const { connections, drains, pausableServers, standby, host } = this.runtime;
    const application = this.#applicationOf(server);
    if (application?.isPausable && !this.#pausableServers.has(server)) {
      // The pausable server has to see with what it listens, and has it call us again.
      this.#pausableServers.add(server);
      pausableServers.add(server);
      (server.listen as (...args: readonly unknown[]) => unknown)(...args);
      return;
    }
    if (drains) {
      connections.attach(server, application !== undefined);
    }
    this.#watch(server);
    if (!application) {
      listen();
      return;
    }
    this.#pending.add(server);
    if (standby.waits) {
      host.standby();
    }
    standby.whenPlaced(listen);
  }

  #watch(server: Server): void {
    if (this.#servers.has(server)) {
      return;
    }
    this.#servers.add(server);
    server.on('listening', () => this.#onListening(server));
    server.on('close', () => {
      this.#servers.delete(server);
      this.#pending.delete(server);
    });
    // Not 'error': with a listener, a port in use would no longer end the process.
    const events: EventEmitter = server;
    events.on(errorMonitor, () => this.#pending.delete(server));
  }

  #onListening(server: Server): void {
    this.#pending.delete(server);
    const application = this.#applicationOf(server);
    if (!application || application.isToldToListen) {
      return;
    }
    const { mode, lifecycle } = this.runtime;
    if (mode === 'single') {
      lifecycle.listening(addressOf(server));
    }
    if (this.#pending.size === 0) {
      lifecycle.ready();
    }
  }

  #applicationOf(server: Server): ServedApplication | undefined {
    return this.#applications.find(application => serves(server, application));
  }
}

/**
 * Where a server listens.
 *
 * @internal
 */
export function addressOf(server: Server): { address: string | null; port: number | null } {
  const address = server.address();
  return typeof address === 'string' || address === null
    ? { address, port: null }
    : { address: address.address, port: address.port };
}

/** By its own server, or by one that was made with it: Express is a listener itself, Fastify has one. */
function serves(server: Server, { adapter }: ServedApplication): boolean {
  const instance = adapter.getInstance() as { readonly routing?: unknown };
  const listeners: readonly unknown[] = [instance, instance.routing];
  return (
    server === adapter.getHttpServer() ||
    server.listeners('request').some(listener => listeners.includes(listener))
  );
}
