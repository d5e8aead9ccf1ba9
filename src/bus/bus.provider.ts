import { hostname } from 'node:os';
import { type FactoryProvider, Logger } from '@nestjs/common';
import { Subject } from 'rxjs';
import { BUS, LazyBus } from './lazy-bus.js';
import { openBuses } from './open-buses.js';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import type { BusFault } from './bus-fault.interface.js';
import type { BusTransport } from './bus-transport.interface.js';
import { stateProtocol } from '../state/backends/ipc/state.protocol.js';
import { IpcTransport } from './transports/ipc/ipc-transport.js';
import { busProtocol } from './transports/ipc/bus.protocol.js';
import { REDIS_LINK } from '../runtime/redis-link.provider.js';
import type { RedisLink } from '../redis/redis-link.js';
import type { StateClient } from '../state/client/state-client.js';
import { STATE_CLIENT } from '../state/client/state-client.token.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';

/**
 * Creates the bus on first use, with the configured backend. Does not wait for Redis: the application boots without
 * it.
 *
 * @internal
 */
export const BUS_PROVIDER: FactoryProvider<LazyBus> = {
  provide: BUS,
  inject: [CLUSTER_OPTIONS, RUNTIME, STATE_CLIENT, REDIS_LINK],
  useFactory: (
    options: ResolvedClusterOptions,
    runtime: Runtime,
    state: StateClient,
    link: RedisLink | null,
  ): LazyBus => {
    const { host, worker, mode } = runtime;
    const primary = mode === 'worker' ? process.ppid : process.pid;
    const self = {
      ...worker,
      member: state.id,
      host: `${hostname()}:${primary}`,
      // A getter, because a spare gets its slot later.
      get slot() {
        return worker.slot;
      },
    };
    const faults = new Subject<BusFault>();
    const { drainSignal } = runtime.lifecycle;
    return new LazyBus(self, drainSignal, options.bus.timeout, faults, async onFault => {
      // Loaded on first use: most applications start without it.
      const ofBus = host.channel.open(busProtocol, () => {});
      const [{ BusClient }, { ConsumerOffsets }, inherited] = await Promise.all([
        import('./bus-client.js'),
        import('./subscribe/durable/consumer-offsets.js'),
        ofBus.ask('offsets', null).catch(() => ({})),
      ]);
      const client = new BusClient({
        self,
        transport: link ? await openRedis(link, options.namespace) : new IpcTransport(host.channel),
        state,
        offsets: new ConsumerOffsets(
          { keep: offsets => ofBus.post({ type: 'offsets', offsets }) },
          inherited,
        ),
        options: options.bus,
        logger: new Logger('ClusterBus'),
        onFault,
        onClosed: () => {
          ofState.close();
          ofBus.close();
          stopWatching();
          forget();
          drainSignal.removeEventListener('abort', drain);
        },
      });
      const ofState = host.channel.open(stateProtocol, message => {
        if (message.type === 'clientDied') {
          client.forgetMember(message.dead.client);
        }
      });
      if (link) {
        // With the memory backend, the primary already knows the client.
        await ofState.post({ type: 'client', client: state.id });
      }
      runtime.standby.whenPlaced(() => client.announceSelf());
      const stopWatching = runtime.vitals.addBus(
        () => client.vitals,
        () => client.queueBytes,
      );
      const forget = openBuses.add(host, client);
      const drain = (): void => client.drain();
      drainSignal.addEventListener('abort', drain);
      if (drainSignal.aborted) {
        drain();
      }
      return client;
    });
  },
};

async function openRedis(link: RedisLink, namespace: string): Promise<BusTransport> {
  const { openTransport } = await import('./transports/redis/redis-transport.js');
  return openTransport(link, namespace);
}
