import type { FactoryProvider } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { REDIS_LINK } from '../runtime/redis-link.provider.js';
import type { RedisLink } from '../redis/redis-link.js';
import { StateClient } from './client/state-client.js';
import { STATE_CLIENT } from './client/state-client.token.js';
import { IpcExecutor } from './backends/ipc/ipc-executor.js';
import { openStates } from './open-states.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';

/** Creates the state client with the configured backend. @internal */
export const STATE_CLIENT_PROVIDER: FactoryProvider<StateClient> = {
  provide: STATE_CLIENT,
  inject: [CLUSTER_OPTIONS, RUNTIME, REDIS_LINK],
  useFactory: async (
    options: ResolvedClusterOptions,
    { host }: Runtime,
    link: RedisLink | null,
  ): Promise<StateClient> => {
    const { timeout, replicas } = options.state;
    const client = link
      ? await redisStateClient(options, link)
      : new StateClient(new IpcExecutor(host.channel), timeout, replicas);
    const forget = openStates.add(host, client);
    client.onClose(() => Promise.resolve(forget()));
    return client;
  },
};

/** Creates a client of the state in Redis. @internal */
export async function redisStateClient(
  { namespace, state }: Pick<ResolvedClusterOptions, 'namespace' | 'state'>,
  link: RedisLink,
): Promise<StateClient> {
  const { RedisExecutor } = await import('./backends/redis/redis-executor.js');
  return new StateClient(new RedisExecutor(link, namespace), state.timeout, state.replicas);
}
