import { createServer } from 'node:http';
import { Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Server, type ServerOptions } from 'socket.io';
import type { Engine } from '../../../src/session-forwarding/engine.interface.js';
import { SessionForwarder } from '../../../src/session-forwarding/session-forwarder.js';
import type { Runtime } from '../../../src/runtime/runtime.js';
import { Standby } from '../../../src/runtime/standby.js';
import { createServices } from '../../../src/services/create-services.js';
import type { PrimaryServices } from '../../../src/services/primary-services.js';
import { LocalChannel } from '../../../src/single/local-channel.js';
import { LinkedServer, type RecoveryStores } from '../../../src/socket.io/linked-server.js';
import { MemoryBudget } from '../../../src/state/backends/memory/memory-budget.js';
import { SharedState } from '../../../src/state/shared-state.js';
import { BusNode } from './io-node.js';

/** The worker that has all sessions, and the one that receives their requests. */
const OWNER = 1;
const RECEIVER = 2;

/** Milliseconds to wait for the answers of the other worker. */
const REQUESTS_TIMEOUT = 5_000;

/** Milliseconds for which sessions are stored. */
const MAX_DISCONNECTION = 120_000;

/**
 * Two workers in the process of a test. One has the sessions of all servers. The other one receives the requests of
 * their clients and forwards them, and has servers without clients that take part in everything.
 */
export class ServerHost {
  static async start(redis?: object): Promise<ServerHost> {
    const services = createServices(Infinity, new MemoryBudget());
    const nodes = [OWNER, RECEIVER].map(id => BusNode.start(services, id, redis));
    return new ServerHost(services, await Promise.all(nodes));
  }

  /** The constructor of Socket.IO's servers, with the sessions and the adapter of this package. */
  readonly Server: typeof Server;
  readonly #forwarders: readonly SessionForwarder[];
  readonly #linked = new Set<LinkedServer>();
  /** The servers without clients. */
  readonly #others: Server[] = [];
  /** Receives nothing: there is no primary through which connections could move. */
  readonly #server = createServer();
  #engines = 0;
  #servers = 0;

  private constructor(
    services: PrimaryServices,
    private readonly nodes: readonly BusNode[],
  ) {
    this.#forwarders = [OWNER, RECEIVER].map(
      id => new SessionForwarder(forwardingRuntime(services, id)),
    );
    this.Server = serverOf(this);
  }

  /** Resolves when a new server takes part. */
  async ready(): Promise<void> {
    await Promise.all([...this.#linked].map(linked => linked.ready()));
  }

  async close(): Promise<void> {
    this.#others.forEach(server => void server.of('/').adapter.close());
    await Promise.all([...this.#linked].map(linked => linked.close()));
    this.#forwarders.forEach(forwarder => forwarder.close());
    await Promise.all(this.nodes.map(node => node.close()));
  }

  /** Returns the options of a new server, and starts its counterpart without clients. */
  settingsFor({
    adapter,
    connectionStateRecovery,
  }: Partial<ServerOptions>): Partial<ServerOptions> {
    if (adapter) {
      return {};
    }
    const name = `${++this.#servers}/socket.io`;
    const [own, other] = this.nodes.map(node => {
      const linked = link(node, name, Boolean(connectionStateRecovery));
      this.#linked.add(linked);
      return {
        ...(connectionStateRecovery && { connectionStateRecovery }),
        adapter: function (nsp: Parameters<LinkedServer['adapterFor']>[0]) {
          return linked.adapterFor(nsp);
        } as never,
      };
    });
    this.#others.push(new Server(other));
    return own!;
  }

  /** Every request of a session is for the other worker. */
  forward(engine: Engine): void {
    const name = `${++this.#engines}`;
    const [owner, receiver] = this.#forwarders;
    owner!.attach(name, engine, this.#server);
    const received: Engine = {
      clients: {},
      clientsCount: 0,
      on: () => {},
      generateId: () => '',
      handleRequest: engine.handleRequest.bind(engine),
      handleUpgrade: engine.handleUpgrade.bind(engine),
    };
    receiver!.attach(name, received, this.#server);
    Object.assign(engine, {
      handleRequest: received.handleRequest.bind(received),
      handleUpgrade: received.handleUpgrade.bind(received),
    });
  }
}

/** The arguments of Socket.IO: a server or a port, and options; or options alone. */
type Arguments = [server?: unknown, options?: Partial<ServerOptions>];

function serverOf(host: ServerHost): typeof Server {
  class ForwardedServer extends Server {
    constructor(...[given, options]: Arguments) {
      if (isOptions(given)) {
        super({ ...given, ...host.settingsFor(given) });
      } else {
        super(given as number, { ...options, ...host.settingsFor(options ?? {}) });
      }
    }

    override bind(engine: Parameters<Server['bind']>[0]): this {
      super.bind(engine);
      host.forward(engine);
      return this;
    }
  }
  return ForwardedServer;
}

function isOptions(given: unknown): given is Partial<ServerOptions> {
  return typeof given === 'object' && given !== null && !('listen' in given);
}

function link(node: BusNode, name: string, recovers: boolean): LinkedServer {
  const logger = new Logger('ClusterSocketIo');
  const options = { requestsTimeout: REQUESTS_TIMEOUT };
  const stores = recovers ? storesOf(node) : undefined;
  const linked = new LinkedServer(node.bus, name, options, logger, stores);
  linked.link.activate();
  return linked;
}

function storesOf(node: BusNode): RecoveryStores {
  return {
    state: new SharedState(node.state, node.options, node.runtime),
    read: async (topic, after) =>
      (await node.lazy.use(why => new Error(why))).history(topic, after),
    maxAge: MAX_DISCONNECTION,
  };
}

/** The parts of a worker that forwarding needs. */
export function forwardingRuntime(services: PrimaryServices, id: number): Runtime {
  return {
    mode: 'worker',
    worker: { id, slot: id, generation: 0, pid: process.pid },
    host: { channel: new LocalChannel(services), events: new Subject() },
    standby: new Standby(false),
    drains: false,
  } as unknown as Runtime;
}
