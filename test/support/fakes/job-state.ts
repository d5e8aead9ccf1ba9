import type { StateClient } from '../../../src/state/client/state-client.js';
import { lockKey } from '../../../src/state/client/lock-release.js';
import { runHolding } from '../../../src/state/objects/held-lock.js';
import type { HeldLock, LockOptions } from '../../../src/state/objects/lock.interface.js';
import type { Locks } from '../../../src/state/objects/locks.js';
import type { SingleFlight } from '../../../src/state/objects/cache/single-flight.js';
import { StateMap } from '../../../src/state/objects/state-map.js';
import { type SetOptions, Values } from '../../../src/state/objects/values.js';
import type { SharedState } from '../../../src/state/shared-state.js';

/** What the runs of jobs use of the shared state. */
export function jobState(client: StateClient, locks: Locks): SharedState {
  const values = new Values(client, {} as SingleFlight, 1_000);
  return {
    get: (key: string) => values.get(key),
    setIfAbsent: (key: string, value: unknown, options: SetOptions) =>
      values.setIfAbsent(key, value, options),
    delete: (key: string) => values.delete(key),
    map: (name: string) => new StateMap(client, name, 1_000),
    lock: async (
      name: string,
      task: (lock: HeldLock) => Promise<void>,
      { wait = 0, lease = 1_000 }: LockOptions,
    ) => runHolding(await locks.acquire({ key: lockKey(name), name, wait, lease }), task),
  } as unknown as SharedState;
}
