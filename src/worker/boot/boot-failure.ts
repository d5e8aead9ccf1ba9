import { printableError } from '../../system/text/printable.js';
import type { BootFailure } from '../../ipc/supervision.protocol.js';

/** Longer texts are not error codes. */
const MAX_CODE_LENGTH = 60;

/** The maximum length of a message, for one line of the log. */
const MAX_MESSAGE_LENGTH = 500;

/** System calls with which a server begins to listen. */
const LISTEN_CALLS: readonly unknown[] = ['listen', 'bind'];

/** The fields of Node's errors that are used here. */
interface ErrorFields {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
}

/**
 * Returns what is reported to the primary about the error that ends a worker before it is ready.
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

/** Returns the code of Node's errors, or the class of others; our own code for a module that cannot be parsed. */
function codeOf(error: unknown, { code, stack }: ErrorFields): string {
  if (typeof code === 'string') {
    return code;
  }
  if (error instanceof SyntaxError) {
    // `JSON.parse()` throws it, too, for data that may have changed by the next attempt.
    const firstFrame = /\n\s+at .*/.exec(String(stack))?.[0] ?? '';
    return /node:internal\/(modules|vm)/.test(firstFrame) ? 'MODULE_SYNTAX' : 'SyntaxError';
  }
  return error instanceof Error ? error.constructor.name : 'Error';
}

/** Returns the address. For a Unix socket, Node has the path as address, and −1 as port. */
function addressOf({ address, port }: ErrorFields): NonNullable<BootFailure['address']> {
  return {
    address: typeof address === 'string' ? address : null,
    port: typeof port === 'number' && port >= 0 ? port : null,
  };
}
