import type { INestApplicationContext } from '@nestjs/common';

/** The first step of every shutdown. @internal */
export interface DestroyStep {
  callDestroyHook: (this: INestApplicationContext) => Promise<void>;
}

/**
 * Drains an application of any kind before its first shutdown hook.
 *
 * `callDestroyHook()` is the first step of `close()` and of Nest's own signal listeners. On Nest 11, all applications
 * drain here. On Nest 12, only applications without an HTTP server do; the others have drained in `beforeClose()`.
 *
 * @param steps the prototype of all applications
 * @internal
 */
export function drainBeforeHooks(
  steps: DestroyStep,
  drain: (app: INestApplicationContext) => Promise<void>,
): void {
  const { callDestroyHook } = steps;
  steps.callDestroyHook = async function (this) {
    await drain(this);
    await callDestroyHook.call(this);
  };
}
