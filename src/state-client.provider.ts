import { type FactoryProvider, Logger } from '@nestjs/common';
import { CLUSTER_OPTIONS, type ResolvedClusterOptions } from './options/resolve-options.js';
import { STATE_CLIENT, StateClient } from './state/state-client.js';
import { RUNTIME, type Runtime } from './worker/runtime.js';

/** Chooses the backend. Waits for no Redis: an application boots without it. @internal */
export const STATE_CLIENT_PROVIDER: FactoryProvider<StateClient> = {
  provide: STATE_CLIENT,
  inject: [CLUSTER_OPTIONS, RUNTIME],
  useFactory: async (
    { redis, namespace, state }: ResolvedClusterOptions,
    { host }: Runtime,
  ): Promise<StateClient> => {
    if (!redis) {
      return new StateClient(host.openMemory(), state.timeout, state.replicas);
    }
    const logger = new Logger('SharedState');
    // Loaded where it is used: most processes start without it.
    const [{ connectRedis }, { RedisExecutor }] = await Promise.all([
      import('./redis/connect-redis.js'),
      import('./state/redis/redis-executor.js'),
    ]);
    const connection = await connectRedis(redis, message => logger.warn(message));
    const executor = new RedisExecutor(connection, namespace, logger);
    return new StateClient(executor, state.timeout, state.replicas);
  },
};
