/**
 * Returns the error message of a Redis server without the arguments that it repeats. A server that does not know
 * `HELLO` or `AUTH` repeats the password: "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' …".
 *
 * @internal
 */
export function redactMessage(message: string): string {
  return message
    .replace(/,?\s*with args beginning with:[\s\S]*/i, '')
    .replaceAll(/\/\/\S*@/g, '//***@');
}

/**
 * Removes possible secrets from an error of ioredis: arguments in its message, and its property `command`, which
 * contains the arguments of the failed command.
 *
 * @returns the same error
 * @internal
 */
export function redactError<Failure extends Error>(error: Failure): Failure {
  const message = redactMessage(error.message);
  if (message !== error.message) {
    Object.defineProperty(error, 'stack', {
      value: error.stack?.replace(error.message, message),
      writable: true,
      configurable: true,
      enumerable: false,
    });
    error.message = message;
  }
  Reflect.deleteProperty(error, 'command');
  return error;
}
