import type { StateClient } from '../../../src/state/client/state-client.js';
import { lockKey } from '../../../src/state/client/lock-release.js';
import { runHolding } from '../../../src/state/objects/held-lock.js';
import type { HeldLock, LockOptions } from '../../../src/state/objects/lock.interface.js';
import type { Locks } from '../../../src/state/objects/locks.js';
import { StateMap } from '../../../src/state/objects/state-map.js';
import type { SharedState } from '../../../src/state/shared-state.js';

/** What the runs of jobs use of the shared state. */
export function jobState(client: StateClient, locks: Locks): SharedState {
  return {
    map: (name: string) => new StateMap(client, name, 1_000),
    lock: async (
      name: string,
      task: (lock: HeldLock) => Promise<void>,
      { wait = 0, lease = 1_000 }: LockOptions,
    ) => runHolding(await locks.acquire({ key: lockKey(name), name, wait, lease }), task),
  } as unknown as SharedState;
}
