import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, type Socket } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { BUS_PROVIDER } from '../../../src/bus/bus.provider.js';
import { ClusterBus } from '../../../src/bus/cluster-bus.js';
import type { LazyBus } from '../../../src/bus/lazy-bus.js';
import {
  type ResolvedClusterOptions,
  resolveOptions,
} from '../../../src/config/resolve-options.js';
import type { RedisLink } from '../../../src/redis/redis-link.js';
import { REDIS_LINK_PROVIDER } from '../../../src/runtime/redis-link.provider.js';
import type { Runtime } from '../../../src/runtime/runtime.js';
import { Standby } from '../../../src/runtime/standby.js';
import type { PrimaryServices } from '../../../src/services/primary-services.js';
import { LocalChannel } from '../../../src/single/local-channel.js';
import {
  type AdapterNamespace,
  ClusterSocketAdapter,
} from '../../../src/socket.io/adapter/cluster-socket-adapter.js';
import { IoLink } from '../../../src/socket.io/adapter/io-link.js';
import type { StateClient } from '../../../src/state/client/state-client.js';
import { STATE_CLIENT_PROVIDER } from '../../../src/state/state-client.provider.js';

/** The parts of a worker in the process of a test: its bus and its state. */
export class BusNode {
  static async start(services: PrimaryServices, id: number, redis?: object): Promise<BusNode> {
    const options = resolveOptions({ workers: 0, ...redis });
    const runtime = {
      mode: 'single',
      worker: { id, slot: id, generation: 0, pid: process.pid },
      host: { channel: new LocalChannel(services) },
      lifecycle: {
        drainSignal: new AbortController().signal,
        answeredSignal: new AbortController().signal,
      },
      standby: new Standby(false),
      vitals: { addBus: () => () => {} },
    } as unknown as Runtime;
    const link = await (REDIS_LINK_PROVIDER.useFactory(options) as Promise<RedisLink | null>);
    const state: StateClient = await STATE_CLIENT_PROVIDER.useFactory(options, runtime, link);
    const lazy = BUS_PROVIDER.useFactory(options, runtime, state, link) as LazyBus;
    return new BusNode(options, runtime, lazy, state, link);
  }

  readonly bus: ClusterBus;

  private constructor(
    readonly options: ResolvedClusterOptions,
    readonly runtime: Runtime,
    readonly lazy: LazyBus,
    readonly state: StateClient,
    private readonly link: RedisLink | null,
  ) {
    this.bus = new ClusterBus(lazy, options);
  }

  async close(): Promise<void> {
    await this.lazy.close();
    await this.state.close();
    await this.link?.close();
  }
}

/** A server of Socket.IO as a worker has it, with one client. */
export class IoNode {
  static async start(node: BusNode, requestsTimeout = 5_000): Promise<IoNode> {
    const link = new IoLink(node.bus, '0/socket.io');
    link.activate();
    const http = createServer();
    const server = new Server(http, {
      adapter: function (nsp: AdapterNamespace) {
        return new ClusterSocketAdapter(nsp, link, { requestsTimeout });
      } as never,
    });
    http.listen(0, '127.0.0.1');
    await Promise.all([once(http, 'listening'), link.ready()]);
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    const [socket] = (await once(server as never, 'connection')) as [Socket];
    return new IoNode(node, link, http, server, socket, client);
  }

  private constructor(
    readonly node: BusNode,
    readonly link: IoLink,
    readonly http: HttpServer,
    readonly server: Server,
    /** The socket of the client. */
    readonly socket: Socket,
    readonly client: ClientSocket,
  ) {}

  get adapter(): ClusterSocketAdapter {
    return this.server.of('/').adapter as unknown as ClusterSocketAdapter;
  }

  async close(): Promise<void> {
    this.client.disconnect();
    await this.server.close();
    await this.link.close();
    await this.node.close();
  }
}
