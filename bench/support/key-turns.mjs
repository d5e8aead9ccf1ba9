import { takeTurns } from './turns.mjs';

/**
 * Measures candidates twice: with one key for all calls, and with a key for each of the calls in flight.
 *
 * @param {(keyOf: (index: number) => string) => Record<string, import('./turns.mjs').Candidate>} candidates
 * @param {number} keyCount
 * @param {import('./turns.mjs').Schedule} schedule
 * @param {number} round
 */
export async function oneAndManyKeys(candidates, keyCount, schedule, round) {
  const keys = Array.from({ length: keyCount }, (_, index) => `client-${index}`);
  return {
    oneKey: await takeTurns(
      candidates(() => 'client'),
      schedule,
      round,
    ),
    manyKeys: await takeTurns(
      candidates(index => keys[index] ?? ''),
      schedule,
      round,
    ),
  };
}
