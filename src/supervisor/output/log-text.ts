import { stripVTControlCharacters } from 'node:util';
import type { Logger } from '@nestjs/common';

/** As Node begins them: `(node:4711) [DEP0040] DeprecationWarning: …`. */
const WARNING = /^\(node:\d+\) .*Warning: /;

/** Logs what a worker has written to its standard error: warnings of Node as such, and all else as an error. @internal */
export function logText(logger: Pick<Logger, 'warn' | 'error'>, text: string): void {
  logger[WARNING.test(text) ? 'warn' : 'error'](stripVTControlCharacters(text));
}
