import { ExceptionsZone } from '@nestjs/core/errors/exceptions-zone.js';

/** Nest's handler for errors that it logs before it ends the process or rejects the creation of an application. */
interface ExceptionHandler {
  handle: (this: ExceptionHandler, exception: unknown) => void;
}

/**
 * Calls `onError` with each error before Nest logs it.
 *
 * @param onError returns `false` if Nest must not log the error
 * @returns a function that stops watching
 * @internal
 */
export function watchExceptionHandler(onError: (error: unknown) => boolean | void): () => void {
  const { exceptionHandler } = ExceptionsZone as unknown as {
    readonly exceptionHandler?: ExceptionHandler;
  };
  if (typeof exceptionHandler?.handle !== 'function') {
    // Another version of Nest, which logs as it likes.
    return () => {};
  }
  // The method of the class, or of another watcher.
  const { handle } = exceptionHandler;
  exceptionHandler.handle = function (this: ExceptionHandler, exception) {
    if (onError(exception) !== false) {
      handle.call(this, exception);
    }
  };
  return () => void (exceptionHandler.handle = handle);
}
