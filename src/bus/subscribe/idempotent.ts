import type { Subscription } from './event-context.interface.js';

/** Returns a subscription whose `unsubscribe()` can be called several times and ends it once. @internal */
export function idempotent(end: () => Promise<void>): Subscription {
  let ended: Promise<void> | undefined;
  return {
    unsubscribe: () => {
      ended ??= end();
      return ended;
    },
  };
}
