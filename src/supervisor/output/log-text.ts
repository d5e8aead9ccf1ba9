import { stripVTControlCharacters } from 'node:util';
import type { Logger } from '@nestjs/common';

/** The lines of a warning of Node: `(node:4711) [DEP0040] DeprecationWarning: …`, its hint, and indented ones. */
const OF_WARNING = /^(\(node:\d+\) |\(Use `node --trace-|\s|$)/;

/** Logs what a worker has written to its standard error: warnings of Node as such, and all else as an error. @internal */
export function logText(logger: Pick<Logger, 'warn' | 'error'>, text: string): void {
  const plain = stripVTControlCharacters(text);
  // An error may follow a warning at once.
  const isWarning = plain.split('\n').every(line => OF_WARNING.test(line));
  logger[isWarning ? 'warn' : 'error'](plain);
}
