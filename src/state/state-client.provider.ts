import type { FactoryProvider } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from '../config/resolve-options.js';
import { REDIS_LINK } from '../runtime/redis-link.provider.js';
import type { RedisLink } from '../redis/redis-link.js';
import { StateClient } from './client/state-client.js';
import { STATE_CLIENT } from './client/state-client.token.js';
import { IpcExecutor } from './backends/ipc/ipc-executor.js';
import { RUNTIME, type Runtime } from '../runtime/runtime.js';

/** Creates the state client with the configured backend. @internal */
export const STATE_CLIENT_PROVIDER: FactoryProvider<StateClient> = {
  provide: STATE_CLIENT,
  inject: [CLUSTER_OPTIONS, RUNTIME, REDIS_LINK],
  useFactory: async (
    { namespace, state }: ResolvedClusterOptions,
    { host }: Runtime,
    link: RedisLink | null,
  ): Promise<StateClient> => {
    if (!link) {
      return new StateClient(new IpcExecutor(host.channel), state.timeout, state.replicas);
    }
    const { RedisExecutor } = await import('./backends/redis/redis-executor.js');
    const executor = new RedisExecutor(link, namespace);
    return new StateClient(executor, state.timeout, state.replicas);
  },
};
