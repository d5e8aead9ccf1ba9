/**
 * Pending calls on a backend that has stopped answering: the pause of the event loop of this process when they
 * expire. The first argument is the number of calls.
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
  // Such a backend is not exported by the package, so it is created here.
  const { StateClient } = await import(
    new URL('../../build/state/client/state-client.js', import.meta.url).href
  );
  const client = new StateClient(STALLED, TIMEOUT_MILLISECONDS, 0);
  const calls = Array.from({ length: COUNT }, () =>
    client.run(INCREMENT, (/** @type {unknown} */ value) => value).catch(() => {}),
  );
  // The calls are created in two turns of the event loop.
  await turn();
  await turn();
  const pauses = new PauseWatch();
  await Promise.all(calls);
  const { longestGap, longestDelay } = pauses.stop();
  return { longestGap, longestDelay };
});
