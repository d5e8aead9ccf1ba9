/** Locks in Redis with this package, redlock and redis-semaphore. Each client has its own connection. */
import { Redis } from 'ioredis';
import { Mutex } from 'redis-semaphore';
import Redlock from 'redlock';
import { importApp } from '../support/import-app.mjs';

const LEASE = 10_000;
/** Longer than any wait. */
const PATIENCE = 60_000;

/** @typedef {(task: () => void) => Promise<unknown>} Locker runs a task under the client's lock */

/**
 * Returns functions that create a client. Each client creates any number of lockers.
 *
 * @param {string} redis
 * @returns {Record<string, () => Promise<() => Locker>>}
 */
export function lockClients(redis) {
  return {
    ours: async () => {
      const { openState } = await importApp('shared-state');
      const { state } = await openState(redis);
      return () => task => state.lock('ours', task, { lease: LEASE, wait: PATIENCE });
    },
    redlock: async () => {
      const redlock = new Redlock([new Redis(redis)], { retryCount: -1 });
      return () => async task => {
        const lock = await redlock.acquire(['redlock'], LEASE);
        task();
        await lock.release();
      };
    },
    semaphore: async () => {
      const client = new Redis(redis);
      return () => {
        const mutex = new Mutex(client, 'semaphore', {
          lockTimeout: LEASE,
          acquireTimeout: PATIENCE,
        });
        return async task => {
          await mutex.acquire();
          task();
          await mutex.release();
        };
      };
    },
  };
}
