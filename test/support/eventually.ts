import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until a condition holds. Only for states without an event.
 *
 * @param pause milliseconds between two polls; a poll of another process takes CPU time from what is waited for
 */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeout: number,
  explain: () => string,
  pause = 20,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeout} ms. ${explain()}`);
    }
    await delay(pause);
  }
}
