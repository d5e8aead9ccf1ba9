/**
 * @typedef {import('../apps/in-flight.js').Turn} Turn
 * @typedef {(milliseconds: number) => Promise<Turn>} Candidate
 */

/**
 * @typedef {object} Schedule
 * @property {number} turns number of turns of each candidate
 * @property {number} turnMilliseconds
 * @property {number} warmupMilliseconds for each candidate, before the measurement
 */

/**
 * Makes a candidate of each call.
 *
 * @template {string} Name
 * @template Call
 * @param {Record<Name, Call>} calls
 * @param {(milliseconds: number, call: Call) => Promise<Turn>} run repeats the call
 * @returns {Record<Name, Candidate>}
 */
export function candidatesOf(calls, run) {
  const entries = /** @type {[Name, Call][]} */ (Object.entries(calls));
  return /** @type {Record<Name, Candidate>} */ (
    Object.fromEntries(
      entries.map(([name, call]) => [
        name,
        (/** @type {number} */ milliseconds) => run(milliseconds, call),
      ]),
    )
  );
}

/**
 * Measures candidates in turns that are so short that a busy moment of the machine affects all of them.
 *
 * @template {string} Name
 * @param {Record<Name, Candidate>} candidates
 * @param {Schedule} schedule
 * @param {number} round the order is reversed in every other round
 * @returns {Promise<Record<Name, number>>} calls per second of each
 */
export async function takeTurns(candidates, schedule, round) {
  const runners = Object.entries(candidates).map(([name, run]) => ({
    name,
    run: /** @type {Candidate} */ (run),
    calls: 0,
    milliseconds: 0,
  }));
  for (const { run } of runners) {
    await run(schedule.warmupMilliseconds);
  }
  for (let turn = 0; turn < schedule.turns; turn++) {
    // There and back again, so that no candidate is always first.
    for (const runner of (turn + round) % 2 ? runners.toReversed() : runners) {
      const { calls, milliseconds } = await runner.run(schedule.turnMilliseconds);
      runner.calls += calls;
      runner.milliseconds += milliseconds;
    }
  }
  const perSecond = runners.map(({ name, calls, milliseconds }) => [
    name,
    (calls / milliseconds) * 1000,
  ]);
  return Object.fromEntries(perSecond);
}
