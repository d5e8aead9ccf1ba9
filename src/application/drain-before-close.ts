import type { AbstractHttpAdapter } from '@nestjs/core';

/**
 * Drains an HTTP application before the other steps of its shutdown. Nest 12 awaits `beforeClose()` of the adapter before
 * the adapter refuses requests (`return503OnClosing`), and before `onModuleDestroy` hooks remove what requests use.
 *
 * Nest 11 does not call `beforeClose()`. It accepts requests until its hooks run, so `drainBeforeHooks()` is sufficient.
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
