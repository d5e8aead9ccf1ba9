/** A lock without contention, and a lock for which eight clients wait. */
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { takeTurns } from '../support/turns.mjs';
import { handOvers } from './hand-overs.mjs';
import { lockClients } from './lockers.mjs';

const CLIENTS = 2;
const WAITERS = 4;
const ALONE = { turns: 8, turnMilliseconds: 150, warmupMilliseconds: 400 };
const CONTENDED = { turns: 2, turnMilliseconds: 1_000, warmupMilliseconds: 300 };

const { inFlight } = await importApp('in-flight');

await contest(async ({ redis, round }) => {
  /** @type {Record<string, import('../support/turns.mjs').Candidate>} */
  const alone = {};
  /** @type {Record<string, import('../support/turns.mjs').Candidate>} */
  const contended = {};
  for (const [name, open] of Object.entries(lockClients(redis))) {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, open));
    const lockers = clients.flatMap(makeLocker => Array.from({ length: WAITERS }, makeLocker));
    const [first] = lockers;
    alone[name] = milliseconds => inFlight(1, milliseconds, () => first(() => {}));
    contended[name] = milliseconds => handOvers(lockers, milliseconds);
  }
  return {
    alone: await takeTurns(alone, ALONE, round),
    contended: await takeTurns(contended, CONTENDED, round),
  };
});
