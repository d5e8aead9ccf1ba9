import { fileURLToPath } from 'node:url';
import { OWN_CODE } from '../own-code.js';

/** Frames that are looked at: those of Nest and of this package come before those of the user. */
const MAX_FRAMES = 50;

/**
 * The frames of the stack that belong to the application: not those of this package, of other packages, or of Node.
 * Each with its line break before it.
 *
 * @param below the function from which on callers count; all of them without one
 * @internal
 */
export function userFrames(below?: Parameters<typeof Error.captureStackTrace>[1]): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MAX_FRAMES;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, below);
  // Formatted on first access.
  const stack = String(holder.stack);
  Error.stackTraceLimit = stackTraceLimit;
  return stack
    .split('\n')
    .filter(line => /^\s+at /.test(line) && isOfUser(line))
    .map(line => `\n${line}`)
    .join('');
}

function isOfUser(frame: string): boolean {
  return (
    /[\\/]/.test(frame) &&
    !/[\\/]node_modules[\\/]|\(node:|at (async )?node:/.test(frame) &&
    !frame.includes(OWN_CODE.href) &&
    !frame.includes(fileURLToPath(OWN_CODE))
  );
}
