import { ExceptionsZone } from '@nestjs/core/errors/exceptions-zone.js';

/** What Nest hands an error to that it prints, and is about to end the process or to reject a creation for. */
interface ExceptionHandler {
  handle: (this: ExceptionHandler, exception: unknown) => void;
}

/**
 * Has something hear of each error before Nest prints it.
 *
 * @param onError returns `false` for one that Nest is not to print
 * @returns takes it back
 * @internal
 */
export function watchExceptionHandler(onError: (error: unknown) => boolean | void): () => void {
  const { exceptionHandler } = ExceptionsZone as unknown as {
    readonly exceptionHandler?: ExceptionHandler;
  };
  if (typeof exceptionHandler?.handle !== 'function') {
    // Another version of Nest: it prints what it prints.
    return () => {};
  }
  // Of its class, or of somebody else who watches.
  const { handle } = exceptionHandler;
  exceptionHandler.handle = function (this: ExceptionHandler, exception) {
    if (onError(exception) !== false) {
      handle.call(this, exception);
    }
  };
  return () => void (exceptionHandler.handle = handle);
}
