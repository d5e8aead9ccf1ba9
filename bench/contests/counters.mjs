/** One counter in Redis: this package, and the INCR of ioredis with and without automatic pipelining. */
import { Redis } from 'ioredis';
import { contest } from '../support/contest.mjs';
import { importApp } from '../support/import-app.mjs';
import { candidatesOf, takeTurns } from '../support/turns.mjs';

const IN_FLIGHT = 1000;
const SCHEDULE = { turns: 8, turnMilliseconds: 150, warmupMilliseconds: 400 };

const { openState } = await importApp('shared-state');
const { inFlight } = await importApp('in-flight');

await contest(async ({ redis, round }) => {
  const { state } = await openState(redis);
  const counter = state.counter('counter');
  const plain = new Redis(redis);
  const pipelined = new Redis(redis, { enableAutoPipelining: true });
  const calls = {
    ours: () => counter.increment(),
    plain: () => plain.incr('plain'),
    pipelined: () => pipelined.incr('pipelined'),
  };
  const candidates = (/** @type {number} */ count) =>
    candidatesOf(calls, (milliseconds, call) => inFlight(count, milliseconds, call));
  return {
    many: await takeTurns(candidates(IN_FLIGHT), SCHEDULE, round),
    one: await takeTurns(candidates(1), SCHEDULE, round),
  };
});
