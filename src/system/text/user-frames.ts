import { fileURLToPath } from 'node:url';
import { OWN_CODE } from '../own-package.js';

/** The maximum depth that is searched: frames of Nest and of this package come before those of the application. */
const MAX_FRAMES = 50;

/** What frames of this package contain, depending on the module system. */
const OWN_PATHS = OWN_CODE ? [OWN_CODE.href, fileURLToPath(OWN_CODE)] : [];

/**
 * Returns the frames of the current stack that belong to the application, without those of this package, of other
 * packages and of Node. Each frame begins with a line break.
 *
 * @param below the function whose callers are included; by default all frames
 * @internal
 */
export function userFrames(below?: Parameters<typeof Error.captureStackTrace>[1]): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MAX_FRAMES;
  const holder: { stack?: unknown } = {};
  Error.captureStackTrace(holder, below);
  // The stack is formatted at the first access.
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
    !OWN_PATHS.some(path => frame.includes(path))
  );
}
