import { expect, it, vi } from 'vitest';
import { StateClient } from '../../../../src/state/client/state-client.js';
import { Caches } from '../../../../src/state/objects/cache/caches.js';
import { ReloadLog } from '../../../../src/state/objects/cache/reload-log.js';
import { SingleFlight } from '../../../../src/state/objects/cache/single-flight.js';
import { Locks } from '../../../../src/state/objects/locks.js';
import { block } from '../../../fixtures/apps/block.js';
import { MemoryExecutor } from '../../../support/fakes/memory-executor.js';

it('the failed reloads of a cache are logged once a minute, with their number', () => {
  let now = 0;
  const warnings: string[] = [];
  const log = new ReloadLog({ warn: (message: string) => warnings.push(message) }, () => now);
  log.failed('users', '1', new Error('ECONNREFUSED'));
  log.failed('orders', '1', new Error('ECONNREFUSED'));
  log.failed('users', '1', new Error('ECONNREFUSED'));
  log.failed('users', '2', new Error('ECONNREFUSED'));
  now = 60_000;
  log.failed('users', '3', new Error('ECONNREFUSED'));
  expect(warnings).toEqual([
    'The entry "1" of the cache "users" could not be reloaded, and the old value is served: ECONNREFUSED',
    'The entry "1" of the cache "orders" could not be reloaded, and the old value is served: ECONNREFUSED',
    'The entry "3" of the cache "users" could not be reloaded, and the old value is served: ECONNREFUSED (2 others since the last such line)',
  ]);
});

it('the caches of a name share the limit', async () => {
  const client = new StateClient(new MemoryExecutor(), 1_000, 0);
  const flights = new SingleFlight(client, new Locks(client, () => Promise.resolve()));
  const warnings: string[] = [];
  const logger = { warn: (message: string) => warnings.push(message) };
  const caches = new Caches({ client, flights, maxValueBytes: 1_000 }, logger);
  const wrap = (load: () => number): Promise<number> =>
    caches.open<number>('users', {}).wrap('1', load, { ttl: 1, stale: 60_000 });
  await wrap(() => 1);
  block(5);
  const load = vi.fn<() => number>(() => {
    throw new Error('ECONNREFUSED');
  });
  while (load.mock.calls.length < 3) {
    expect(await wrap(load)).toBe(1);
  }
  expect(warnings).toHaveLength(1);
  await client.close();
});
