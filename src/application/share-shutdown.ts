import type { INestApplicationContext } from '@nestjs/common';

/** @internal */
export interface CloseStep {
  close: (this: INestApplicationContext, signal?: string) => Promise<void>;
  /** Nest 12 has one shutdown for all callers of `close()`. */
  readonly shutdown?: unknown;
}

/**
 * Makes Nest 11 run one shutdown for all callers of `close()`, as Nest 12 does. Otherwise, the hooks of an application
 * that closes would run a second time when the host stops.
 *
 * @param steps the prototype of all applications
 * @internal
 */
export function shareShutdown(steps: CloseStep): void {
  if (steps.shutdown) {
    return;
  }
  const underWay = new WeakMap<INestApplicationContext, Promise<void>>();
  const { close } = steps;
  steps.close = function (this, signal) {
    const shutdown =
      underWay.get(this) ?? close.call(this, signal).finally(() => underWay.delete(this));
    underWay.set(this, shutdown);
    return shutdown;
  };
}
