import { undisturbed } from './noise.mjs';

/**
 * Returns the candidates in an order that changes with each round, so that no candidate is always first. Applied to
 * the results, it restores the order of the candidates.
 *
 * @template Candidate
 * @param {readonly Candidate[]} candidates
 * @param {number} round
 */
export function inTurn(candidates, round) {
  return round % 2 ? candidates.toReversed() : candidates;
}

/**
 * Starts servers one after the other, passes them to `use`, and stops them in any case.
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
      // One after the other: a start is faster if no other one is under way.
      running.push(await start());
    }
    return await use(running);
  } finally {
    await Promise.all(running.map(server => server.stop()));
  }
}

let mostRounds = Infinity;

/**
 * Makes all measurements shorter.
 *
 * @param {number} count the maximum number of repetitions
 */
export function limitRounds(count) {
  mostRounds = count;
}

/**
 * Repeats a measurement with new processes each time, so that no single process decides the result.
 *
 * @template Result
 * @param {number} count number of repetitions
 * @param {(step: string) => void} progress
 * @param {(round: number) => Promise<Result>} run
 * @returns {Promise<Result[]>}
 */
export async function rounds(count, progress, run) {
  /** @type {Result[]} */
  const results = [];
  const repetitions = Math.min(count, mostRounds);
  for (let round = 0; round < repetitions; round++) {
    progress(`round ${round + 1} of ${repetitions}`);
    results.push(await undisturbed(() => run(round)));
  }
  return results;
}
