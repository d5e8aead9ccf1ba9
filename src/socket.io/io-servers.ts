import { Server as SecureServer } from 'node:tls';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import type { ClusterBus } from '../bus/cluster-bus.js';
import { OWN_BUS } from '../bus/own-bus.token.js';
import { BUS, type LazyBus } from '../bus/lazy-bus.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { Engine } from '../session-forwarding/engine.interface.js';
import { ClusterConfigError } from '../model/errors/cluster-config.error.js';
import { StateUnavailableError } from '../model/errors/state-unavailable.error.js';
import type { TakingServer } from '../session-forwarding/taking-server.js';
import type { HostRelay, ListeningServer } from '../session-forwarding/hosts/host-relay.js';
import { forwarderOf, type SessionForwarder } from '../session-forwarding/session-forwarder.js';
import type { Runtime } from '../runtime/runtime.js';
import { OWN_STATE } from '../state/own-state.token.js';
import type { SharedState } from '../state/shared-state.js';
import type { AdapterNamespace, ClusterSocketAdapter } from './adapter/cluster-socket-adapter.js';
import { writeTogether, type WritingEngine } from './adapter/write-together.js';
import { forwardingBetweenHosts } from './forwarding-between-hosts.js';
import { LinkedServer } from './linked-server.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';

/** Of log lines. */
const CONTEXT = 'ClusterSocketIo';

/** The default of Socket.IO in milliseconds. */
const REQUESTS_TIMEOUT = 5_000;

/** The default of Socket.IO in milliseconds. */
const MAX_DISCONNECTION = 120_000;

/** The options of a server that are set here. @internal */
export interface ServerSettings {
  readonly adapter?: (nsp: AdapterNamespace) => ClusterSocketAdapter;
  readonly connectionStateRecovery?: {
    readonly maxDisconnectionDuration: number;
    readonly skipMiddlewares: true;
  };
}

/** What a gateway may have set. @internal */
export interface GivenSettings {
  readonly connectionStateRecovery?:
    { readonly maxDisconnectionDuration?: number; readonly skipMiddlewares?: boolean } | undefined;
}

/**
 * The servers of Socket.IO of one application, and what connects them with those of the other workers.
 *
 * @internal
 */
export class IoServers {
  readonly #servers = new Map<string, LinkedServer>();
  readonly #forwarder: SessionForwarder | undefined;
  readonly #hosts: HostRelay | undefined;
  readonly #events: Subscription;
  /** Whether there may be sockets in other processes. */
  readonly #isShared: boolean;

  constructor(
    private readonly runtime: Runtime,
    private readonly providers: Pick<INestApplicationContext, 'get'>,
    private readonly options: ClusterSocketIoOptions,
  ) {
    const { redis } = providers.get<ResolvedClusterOptions>(CLUSTER_OPTIONS, { strict: false });
    this.#isShared = runtime.mode === 'worker' || redis !== undefined;
    this.#forwarder = forwarderOf(runtime);
    this.#hosts = this.#forwarder && this.#hostRelay(this.#forwarder, redis !== undefined);
    this.#events = runtime.host.events.subscribe(event => {
      if (event.type === 'workerExited') {
        this.#servers.forEach(({ link }) => link.onWorkerExited(event.id));
      }
    });
  }

  /**
   * Returns the options of a new server.
   *
   * @param name identifies the server among those of a worker; the same in all workers
   * @param given the options of its gateway
   */
  settingsFor(name: string, given: GivenSettings = {}): ServerSettings {
    const { connectionStateRecovery } = given;
    if (connectionStateRecovery && !this.#isShared) {
      return {};
    }
    if (connectionStateRecovery?.skipMiddlewares === false) {
      throw new ClusterConfigError(
        'connectionStateRecovery.skipMiddlewares of a gateway',
        false,
        'true with several workers',
        'connectionStateRecovery.skipMiddlewares of a gateway must be true with ClusterSocketIoModule: restored sockets do not run middlewares. ' +
          'Leave connectionStateRecovery out if sockets must be authenticated again when they reconnect.',
      );
    }
    const maxAge = this.#maxDisconnection(given);
    const recovery = maxAge !== undefined && {
      connectionStateRecovery: { maxDisconnectionDuration: maxAge, skipMiddlewares: true as const },
    };
    if (!this.#isShared) {
      return { ...recovery };
    }
    const server = this.#servers.get(name) ?? this.#link(name, maxAge);
    return {
      ...recovery,
      // Socket.IO calls it with `new`, which an arrow function does not allow.
      adapter: function (nsp) {
        return server.adapterFor(nsp);
      },
    };
  }

  /**
   * Forwards the sessions of a new server.
   *
   * @param http the server that receives its requests
   */
  attach(name: string, engine: Engine, http: ListeningServer & TakingServer): void {
    this.#forwarder?.attach(name, engine, http, this.#hosts);
    this.#hosts?.announce(name, http, http instanceof SecureServer);
    writeTogether(engine as unknown as WritingEngine);
  }

  /**
   * Resolves when other workers reach the sessions of this one, and this one their sockets. Without its private socket, which is
   * logged, this worker serves everything but new sessions.
   */
  async ready(): Promise<void> {
    await Promise.all([
      this.#forwarder?.open().catch(() => {}),
      this.#hosts?.ready(),
      ...[...this.#servers.values()].map(server => server.ready()),
    ]);
  }

  /** Called when the servers are closed. */
  async close(): Promise<void> {
    this.#events.unsubscribe();
    this.#forwarder?.close();
    await Promise.all([
      this.#hosts?.close(),
      ...[...this.#servers.values()].map(server => server.close()),
    ]);
  }

  #link(name: string, maxAge: number | undefined): LinkedServer {
    const { providers } = this;
    const { requestsTimeout = REQUESTS_TIMEOUT } = this.options;
    const stores = maxAge !== undefined && {
      state: providers.get<SharedState>(OWN_STATE, { strict: false }),
      read: async (topic: string, after: string) => {
        const bus = await providers
          .get<LazyBus>(BUS, { strict: false })
          .use(why => new StateUnavailableError('history', topic, why));
        return bus.history(topic, after);
      },
      maxAge,
    };
    const bus = providers.get<ClusterBus>(OWN_BUS, { strict: false });
    const logger = new Logger(CONTEXT);
    const server = new LinkedServer(bus, name, { requestsTimeout }, logger, stores || undefined);
    this.#servers.set(name, server);
    this.runtime.standby.whenPlaced(() => server.link.activate());
    return server;
  }

  #hostRelay(forwarder: SessionForwarder, hasRedis: boolean): HostRelay | undefined {
    const { runtime, providers } = this;
    const { forwardBetweenHosts } = this.options;
    return forwardBetweenHosts
      ? forwardingBetweenHosts(forwardBetweenHosts, {
          runtime,
          forwarder,
          hasRedis,
          logger: new Logger(CONTEXT),
          state: () => providers.get<SharedState>(OWN_STATE, { strict: false }),
        })
      : undefined;
  }

  /** A gateway may have its own setting. */
  #maxDisconnection({ connectionStateRecovery: given }: GivenSettings): number | undefined {
    if (given) {
      return given.maxDisconnectionDuration ?? MAX_DISCONNECTION;
    }
    const { recovery } = this.options;
    return recovery ? (recovery.maxDisconnection ?? MAX_DISCONNECTION) : undefined;
  }
}
