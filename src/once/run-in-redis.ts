import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { openRedisLink } from '../runtime/redis-link.provider.js';
import { type Announce, Locks } from '../state/objects/locks.js';
import { Once } from '../state/objects/once.js';
import type { OnceRequest, OnceTask } from '../state/once-options.js';
import { redisStateClient } from '../state/state-client.provider.js';

/** Runs a task once for all processes that use a Redis server, over a connection of its own. @internal */
export async function runInRedis<T>(
  request: OnceRequest,
  task: OnceTask<T>,
  options: ResolvedClusterOptions,
  announce: Announce = async () => {},
): Promise<T | undefined> {
  const link = await openRedisLink(options);
  if (!link) {
    throw new Error('There is no Redis server');
  }
  try {
    const client = await redisStateClient(options, link);
    const locks = new Locks(client, announce);
    client.onClose(() => locks.close());
    try {
      return await new Once(client, locks, options.state.maxValueBytes).run(request, task);
    } finally {
      await client.close();
    }
  } finally {
    await link.close();
  }
}
