import { printableError } from '../../system/text/printable.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';

/** Longer ones are no codes. */
const MAX_CODE_LENGTH = 60;

/** A message is for one line of the log. */
const MAX_MESSAGE_LENGTH = 500;

/** System calls by which a server begins to listen. */
const LISTEN_CALLS: readonly unknown[] = ['listen', 'bind'];

/** The fields of Node's errors that are of interest. */
interface ErrorFields {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

/**
 * What a primary is told of the error that ends a worker before it is ready.
 *
 * @internal
 */
export function bootFailure(error: unknown): BootFailure {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as ErrorFields;
  const message = typeof fields.message === 'string' ? fields.message : printableError(error);
  return {
    code: codeOf(error, fields).slice(0, MAX_CODE_LENGTH),
    message: (message.trim().split('\n')[0] ?? '').slice(0, MAX_MESSAGE_LENGTH),
    ...(LISTEN_CALLS.includes(fields.syscall) && { address: addressOf(fields) }),
  };
}

/** The code of Node's errors, the class of others; a module that cannot be parsed has a code of our own. */
function codeOf(error: unknown, { code, stack }: ErrorFields): string {
  if (typeof code === 'string') {
    return code;
  }
  if (error instanceof SyntaxError) {
    // `JSON.parse()` throws it, too, for data that may be other data by the next attempt.
    const firstFrame = /\n\s+at .*/.exec(String(stack))?.[0] ?? '';
    return /node:internal\/(modules|vm)/.test(firstFrame) ? 'MODULE_SYNTAX' : 'SyntaxError';
  }
  return error instanceof Error ? error.constructor.name : 'Error';
}

/** A server on a Unix socket has a path for an address, and -1 for a port. */
function addressOf({ address, port }: ErrorFields): NonNullable<BootFailure['address']> {
  return {
    address: typeof address === 'string' ? address : null,
    port: typeof port === 'number' && port >= 0 ? port : null,
  };
}
