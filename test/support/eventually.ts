import { setTimeout as delay } from 'node:timers/promises';

/** Polls until a condition holds. Only for states without an event. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeout: number,
  explain: () => string,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeout} ms. ${explain()}`);
    }
    await delay(20);
  }
}
