import type { Subscription } from './event-context.interface.js';

/** A subscription that ends once, however often it is told to. @internal */
export function idempotent(end: () => Promise<void>): Subscription {
  let ended: Promise<void> | undefined;
  return {
    unsubscribe: () => {
      ended ??= end();
      return ended;
    },
  };
}
