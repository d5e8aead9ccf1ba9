import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Resolves when an answer that is given now has gone out: whoever is told something later is told it after
 * that. What is said in one turn of the event loop goes out in the next.
 *
 * @internal
 */
export async function answersAreOut(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
