import type { ResolvedClusterOptions } from '../config/resolve-options.js';
import { IpcExecutor } from '../state/backends/ipc/ipc-executor.js';
import { stateProtocol } from '../state/backends/ipc/state.protocol.js';
import { StateClient } from '../state/client/state-client.js';
import { Locks } from '../state/objects/locks.js';
import { markOf, Once } from '../state/objects/once.js';
import type { OnceRequest, OnceTask } from '../state/once-options.js';
import { workerRuntime } from '../worker/worker-runtime.js';
import { runInRedis } from './run-in-redis.js';

/** Runs a task in this worker, unless its primary knows that it is done. @internal */
export async function runInWorker<T>(
  request: OnceRequest,
  task: OnceTask<T>,
  options: ResolvedClusterOptions,
): Promise<T | undefined> {
  const { channel } = workerRuntime().host;
  const { timeout, maxValueBytes } = options.state;
  const client = new StateClient(new IpcExecutor(channel), timeout, 0);
  const locks = new Locks(client, async () => {});
  client.onClose(() => locks.close());
  const once = new Once(client, locks, maxValueBytes);
  try {
    if (!options.redis) {
      return await once.run(request, task);
    }
    const known = await once.outcomeOf(request).catch(() => undefined);
    if (known) {
      return known.value as T;
    }
    const value = await overRedis(request, task, options);
    // Other workers of this host find it there if Redis is unavailable.
    await once.note(markOf(request, value, maxValueBytes)).catch(() => {});
    return value;
  } finally {
    await client.close();
  }
}

async function overRedis<T>(
  request: OnceRequest,
  task: OnceTask<T>,
  options: ResolvedClusterOptions,
): Promise<T | undefined> {
  const channel = workerRuntime().host.channel.open(stateProtocol, () => {});
  try {
    // If this worker dies, another one that is ready releases its lock.
    return await runInRedis(request, task, options, async (client, key) =>
      channel.post({ type: 'client', client, key }),
    );
  } finally {
    channel.close();
  }
}
