/**
 * How often a lock passes to somebody who waits for it. All ask for it at once, and once all have had
 * it they ask again: who is free to ask the moment he has released it would keep it to himself, and
 * those who look now and then would hardly ever find it free.
 *
 * @param {readonly import('./lockers.mjs').Locker[]} lockers two at least
 * @param {number} milliseconds
 * @returns {Promise<import('../support/turns.mjs').Turn>}
 */
export async function handOvers(lockers, milliseconds) {
  const startedAt = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    await Promise.all(lockers.map(locker => locker(() => {})));
    // The first has found it free.
    calls += lockers.length - 1;
    elapsed = performance.now() - startedAt;
  }
  return { calls, milliseconds: elapsed };
}
