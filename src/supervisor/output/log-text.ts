import { stripVTControlCharacters } from 'node:util';
import type { Logger } from '@nestjs/common';

/** A line of a Node warning: `(node:4711) [DEP0040] DeprecationWarning: …`, its hint, or an indented line. */
const OF_WARNING = /^(\(node:\d+\) |\(Use `node --trace-|\s|$)/;

/** Logs text from the standard error of a worker: Node warnings as warnings, everything else as an error. @internal */
export function logText(logger: Pick<Logger, 'warn' | 'error'>, text: string): void {
  const plain = stripVTControlCharacters(text);
  // An error may directly follow a warning.
  const isWarning = plain.split('\n').every(line => OF_WARNING.test(line));
  logger[isWarning ? 'warn' : 'error'](plain);
}
