import type { AbstractHttpAdapter } from '@nestjs/core';

/**
 * Drains an HTTP application before anything else of its shutdown: Nest 12 awaits `beforeClose()` of the adapter before
 * the adapter refuses requests (`return503OnClosing`), and before `onModuleDestroy` hooks remove what requests use.
 *
 * Nest 11 does not call it, and refuses no request before its hooks: `drainBeforeHooks()` is enough there.
 *
 * @internal
 */
export function drainBeforeClose(adapter: AbstractHttpAdapter, drain: () => Promise<void>): void {
  const closing: { beforeClose?(): void | Promise<void> } = adapter;
  const beforeClose = closing.beforeClose?.bind(adapter);
  closing.beforeClose = async () => {
    await drain();
    await beforeClose?.();
  };
}
