import { undisturbed } from './noise.mjs';

/**
 * Candidates in an order that changes with each round, so that none is always the first. Applied to
 * their results, it brings these back into the candidates' order.
 *
 * @template Candidate
 * @param {readonly Candidate[]} candidates
 * @param {number} round
 */
export function inTurn(candidates, round) {
  return round % 2 ? candidates.toReversed() : candidates;
}

/**
 * Starts servers one after the other, gives them to `use`, and ends them whatever happens.
 *
 * @template Result
 * @template {{ stop(): Promise<void> }} Running
 * @param {readonly (() => Promise<Running>)[]} starts
 * @param {(running: Running[]) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function withRunning(starts, use) {
  /** @type {Running[]} */
  const running = [];
  try {
    for (const start of starts) {
      // One after the other: a start that has the machine for itself is over sooner.
      running.push(await start());
    }
    return await use(running);
  } finally {
    await Promise.all(running.map(server => server.stop()));
  }
}

/**
 * The same again and again, with processes that are new each time, so that no lucky one decides.
 *
 * @template Result
 * @param {number} count
 * @param {(step: string) => void} progress
 * @param {(round: number) => Promise<Result>} run
 * @returns {Promise<Result[]>}
 */
export async function rounds(count, progress, run) {
  /** @type {Result[]} */
  const results = [];
  for (let round = 0; round < count; round++) {
    progress(`round ${round + 1} of ${count}`);
    results.push(await undisturbed(() => run(round)));
  }
  return results;
}
