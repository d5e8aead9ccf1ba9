/**
 * What a Redis server says, without the arguments that it repeats: a server that does not know `HELLO` or `AUTH`
 * answers with the password, "ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' …".
 *
 * @internal
 */
export function redactMessage(message: string): string {
  return message
    .replace(/,?\s*with args beginning with:[\s\S]*/i, '')
    .replaceAll(/\/\/\S*@/g, '//***@');
}

/**
 * Takes from an error of ioredis what may be secret: arguments in its message, and its property `command`, which has
 * the arguments of the command that failed.
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
