/**
 * Measures how often a lock passes to a waiting client. All clients ask for it at once, and ask again when all of
 * them have had it. Otherwise, a client that asks immediately after its release could always keep the lock, and
 * clients that poll would hardly ever find it free.
 *
 * @param {readonly import('./lockers.mjs').Locker[]} lockers at least two
 * @param {number} milliseconds
 * @returns {Promise<import('../support/turns.mjs').Turn>}
 */
export async function handOvers(lockers, milliseconds) {
  const startedAt = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    await Promise.all(lockers.map(locker => locker(() => {})));
    // The first client finds the lock free.
    calls += lockers.length - 1;
    elapsed = performance.now() - startedAt;
  }
  return { calls, milliseconds: elapsed };
}
