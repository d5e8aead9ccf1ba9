import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Resolves when an answer that is given now has been sent, so that a message sent afterwards arrives after it.
 * Messages of one turn of the event loop are sent in the next turn.
 *
 * @internal
 */
export async function answersAreOut(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
