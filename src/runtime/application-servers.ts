import { type EventEmitter, errorMonitor } from 'node:events';
import type { Server } from 'node:http';
import type { HttpConnections } from '../drain/http/http-connections.js';
import type { PausableServerSet } from '../drain/http/pausable-server-set.js';
import type { Host } from './host.interface.js';
import type { Lifecycle } from './lifecycle.js';
import { listenInSlot } from './listen-in-slot.js';
import type { Readiness } from './readiness.js';
import type { Standby } from './standby.js';

/** The part of Nest's HTTP adapters that identifies the servers of an application. @internal */
export interface ServedAdapter {
  getHttpServer(): unknown;
  getInstance(): unknown;
}

/** An application whose HTTP servers do not listen yet. @internal */
export interface ServedApplication {
  readonly app: object;
  readonly adapter: ServedAdapter;
  /** Whether its servers are closed while the process is overloaded. */
  readonly isPausable: boolean;
  /** Whether `app.listen()` was called: readiness is then reported by that call. */
  isToldToListen: boolean;
}

/** The parts of the runtime that are used here. */
interface ServersRuntime {
  readonly mode: 'worker' | 'single';
  readonly connections: HttpConnections;
  readonly pausableServers: PausableServerSet;
  readonly standby: Standby;
  readonly host: Host;
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly drains: boolean;
}

/**
 * All HTTP servers of a process, including those that Nest does not know; all of them are drained. A server that
 * serves an application without `app.listen()`, as in `http.createServer(instance).listen(port)`, makes the process
 * ready when it listens. In a spare, it listens only when the spare has a slot.
 *
 * https://docs.nestjs.com/faq/multiple-servers
 *
 * @internal
 */
export class ApplicationServers {
  readonly #applications: ServedApplication[] = [];
  /** Servers whose `listen()` was called, and that are not closed. */
  readonly #servers = new Set<Server>();
  /** Those of them that serve an application and do not listen yet. */
  readonly #pending = new Set<Server>();
  readonly #pausableServers = new WeakSet<Server>();

  constructor(private readonly runtime: ServersRuntime) {}

  /** Adds an application that has bootstrapped. */
  add(application: ServedApplication): void {
    this.#applications.push(application);
    for (const server of this.#servers) {
      if (server.listening && serves(server, application)) {
        this.#onListening(server);
      }
    }
  }

  /** Handles the call of `listen()` of a server. */
  onListen(server: Server, listen: () => void, args: readonly unknown[]): void {
    const { connections, drains, pausableServers, standby, host } = this.runtime;
    const application = this.#applicationOf(server);
    if (application?.isPausable && !this.#pausableServers.has(server)) {
      // The pausable server needs the arguments of `listen()`, and calls this method again.
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
    listenInSlot(server, standby, listen);
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
    // Not 'error': with a listener for it, a port in use would no longer end the process.
    const events: EventEmitter = server;
    events.on(errorMonitor, () => this.#pending.delete(server));
  }

  #onListening(server: Server): void {
    this.#pending.delete(server);
    const application = this.#applicationOf(server);
    if (!application || application.isToldToListen) {
      return;
    }
    const { mode, lifecycle, readiness } = this.runtime;
    if (mode === 'single') {
      lifecycle.listening(addressOf(server));
    }
    readiness.listens(application.app);
    if (this.#pending.size === 0) {
      readiness.serves();
    }
  }

  #applicationOf(server: Server): ServedApplication | undefined {
    return this.#applications.find(application => serves(server, application));
  }
}

/**
 * Returns the address on which a server listens.
 *
 * @internal
 */
export function addressOf(server: Pick<Server, 'address'>): {
  address: string | null;
  port: number | null;
} {
  const address = server.address();
  return typeof address === 'string' || address === null
    ? { address, port: null }
    : { address: address.address, port: address.port };
}

/** Whether the server serves the application: Express is the request listener itself, Fastify has one. */
function serves(server: Server, { adapter }: ServedApplication): boolean {
  const instance = adapter.getInstance() as { readonly routing?: unknown };
  const listeners: readonly unknown[] = [instance, instance.routing];
  return (
    server === adapter.getHttpServer() ||
    server.listeners('request').some(listener => listeners.includes(listener))
  );
}
