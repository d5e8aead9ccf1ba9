/** One operation at a time on Redis: this package, and the commands of ioredis or the locks of redlock. */
import { Redis } from 'ioredis';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { candidatesOf, takeTurns } from '../support/turns.mjs';
import { lockClients } from './lockers.mjs';

const SCHEDULE = { turns: 8, turnMilliseconds: 150, warmupMilliseconds: 400 };
const VALUE = { user: 123, roles: ['member'] };

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');

await contest(async ({ redis, round }) => {
  const { state } = await openState(redis);
  const counter = state.counter('counter');
  const plain = new Redis(redis);
  const lockers = lockClients(redis);
  const [ourLock, redlock] = await Promise.all([lockers['ours']?.(), lockers['redlock']?.()]);
  const [lockOurs, lockTheirs] = [ourLock?.(), redlock?.()];
  await Promise.all([state.set('value', VALUE), plain.set('value', JSON.stringify(VALUE))]);
  /** @type {Record<string, Record<string, () => unknown>>} */
  const operations = {
    increment: { ours: () => counter.increment(), theirs: () => plain.incr('counter') },
    get: {
      ours: () => state.get('value'),
      theirs: async () => JSON.parse((await plain.get('value')) ?? ''),
    },
    set: {
      ours: () => state.set('value', VALUE),
      theirs: () => plain.set('value', JSON.stringify(VALUE)),
    },
    lock: { ours: () => lockOurs?.(() => {}), theirs: () => lockTheirs?.(() => {}) },
  };
  /** @type {Record<string, Record<string, number>>} */
  const results = {};
  for (const [name, calls] of Object.entries(operations)) {
    const candidates = candidatesOf(calls, (milliseconds, call) => inFlight(1, milliseconds, call));
    results[name] = await takeTurns(candidates, SCHEDULE, round);
  }
  return results;
});
