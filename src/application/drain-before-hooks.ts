import type { INestApplicationContext } from '@nestjs/common';

/** The first step that all shutdowns have in common. @internal */
export interface DestroyStep {
  callDestroyHook: (this: INestApplicationContext) => Promise<void>;
}

/**
 * Drains an application of any kind before its first shutdown hook.
 *
 * `callDestroyHook()` is the first step of `close()` and of Nest's own listeners for signals. In Nest 11 this is where
 * all applications drain. In Nest 12 it is where those drain that have no HTTP server; the others have drained in
 * `beforeClose()`.
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
