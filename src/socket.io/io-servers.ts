import type { INestApplicationContext } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ClusterBus } from '../bus/cluster-bus.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { Engine } from '../forward/engine.interface.js';
import { forwarderOf, type SessionForwarder } from '../forward/session-forwarder.js';
import type { Runtime } from '../runtime/runtime.js';
import { type AdapterNamespace, ClusterSocketAdapter } from './adapter/cluster-socket-adapter.js';
import { IoLink } from './adapter/io-link.js';
import type { ClusterSocketIoOptions } from './socket-io-options.interface.js';

/** The default of Socket.IO in milliseconds. */
const REQUESTS_TIMEOUT = 5_000;

/** Creates the adapter of a namespace. Socket.IO calls it with `new`. */
type AdapterFactory = (nsp: AdapterNamespace) => ClusterSocketAdapter;

/**
 * The servers of Socket.IO of one application, and what connects them with those of the other workers.
 *
 * @internal
 */
export class IoServers {
  readonly #links = new Map<string, IoLink>();
  readonly #forwarder: SessionForwarder | undefined;
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
    this.#events = runtime.host.events.subscribe(event => {
      if (event.type === 'workerExited') {
        this.#links.forEach(link => link.onWorkerExited(event.id));
      }
    });
  }

  /**
   * Returns the options for a new server.
   *
   * @param name identifies the server among those of a worker; the same in all workers
   */
  optionsFor(name: string): { readonly adapter?: AdapterFactory } {
    if (!this.#isShared) {
      return {};
    }
    const bus = this.providers.get<ClusterBus>(ClusterBus, { strict: false });
    const link = this.#links.get(name) ?? new IoLink(bus, name);
    if (!this.#links.has(name)) {
      this.#links.set(name, link);
      this.runtime.standby.whenPlaced(() => link.activate());
    }
    const { requestsTimeout = REQUESTS_TIMEOUT } = this.options;
    return {
      adapter: function (nsp) {
        return new ClusterSocketAdapter(nsp, link, { requestsTimeout });
      },
    };
  }

  /** Forwards the sessions of a new server. */
  attach(name: string, engine: Engine): void {
    this.#forwarder?.attach(name, engine);
  }

  /** Resolves when other workers reach the sessions of this one, and this one their sockets. */
  async ready(): Promise<void> {
    await Promise.all([
      this.#forwarder?.open(),
      ...[...this.#links.values()].map(link => link.ready()),
    ]);
  }

  /** Called when the servers are closed. */
  async close(): Promise<void> {
    this.#events.unsubscribe();
    this.#forwarder?.close();
    await Promise.all([...this.#links.values()].map(link => link.close()));
  }
}
