import { setTimeout as delay } from 'node:timers/promises';
import { readStack } from '../diagnostics/read-stack.js';
import type { ActionContext } from './action.interface.js';

/** A worker that is not blocked runs JavaScript from time to time only. */
const ATTEMPTS = 20;

/** Milliseconds between two attempts. */
const PAUSE = 25;

/** Resolves with the stack of what the worker runs; `undefined` if it is idle. @internal */
export async function trace({ session }: ActionContext): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const stack = await readStack(session);
    if (stack !== undefined || attempt === ATTEMPTS) {
      return stack;
    }
    await delay(PAUSE);
  }
}
