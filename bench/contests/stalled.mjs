/**
 * Calls that are pending when the backend stops answering: for how long their expiry keeps the event loop of
 * this process from going on. By the first argument, how many there are.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { contest } from '../support/contest.mjs';
import { PauseWatch } from '../support/pauses.mjs';

const COUNT = Number(process.argv[2] ?? 20_000);
const TIMEOUT_MILLISECONDS = 3_000;

const STALLED = {
  unavailableSince: undefined,
  open: () => {},
  partitionOf: () => 0,
  execute: () => new Promise(() => {}),
  suspect: () => {},
  time: () => 0,
  close: () => Promise.resolve(),
};

const INCREMENT = {
  name: 'increment',
  key: 'sold',
  runs: [[1, 1]],
  min: Number.MIN_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
};

await contest(async () => {
  // Nobody but ourselves has such a backend: it is not among what the package exports.
  const { StateClient } = await import(
    new URL('../../build/state/client/state-client.js', import.meta.url).href
  );
  const client = new StateClient(STALLED, TIMEOUT_MILLISECONDS, 0);
  const calls = Array.from({ length: COUNT }, () =>
    client.run(INCREMENT, (/** @type {unknown} */ value) => value).catch(() => {}),
  );
  // Making them is over in the next turn but one.
  await turn();
  await turn();
  const pauses = new PauseWatch();
  await Promise.all(calls);
  const { longestGap, longestDelay } = pauses.stop();
  return { longestGap, longestDelay };
});
