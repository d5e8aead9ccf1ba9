import type { WorkerStatus } from '../../model/host-status.interface.js';
import type { CacheReport, StateClientOwner, StateFacts } from '../overview.protocol.js';
import type { ReportRounds } from './report-rounds.js';

/**
 * Returns which worker has which client of the shared state, and the reads of each cache, added up over the workers.
 *
 * @internal
 */
export function stateFacts(
  workers: readonly WorkerStatus[],
  { records }: Pick<ReportRounds, 'records'>,
): StateFacts {
  const pids = new Map(workers.map(({ id, pid }) => [id, pid]));
  const owners = [...records].flatMap(([{ slot }, { worker, clients }]) => {
    const pid = pids.get(worker) ?? 0;
    return clients.map((client): StateClientOwner => [client, slot, pid]);
  });
  const caches = new Map<string, CacheReport>();
  for (const record of records.values()) {
    for (const [cache, hits, misses] of record.caches.values()) {
      const [, otherHits, otherMisses] = caches.get(cache) ?? [cache, 0, 0];
      caches.set(cache, [cache, hits + otherHits, misses + otherMisses]);
    }
  }
  return { owners, caches: [...caches.values()] };
}
