import { cliMessages } from '../cli.messages.js';
import { UsageError } from '../usage.error.js';

/**
 * Returns a whole number of the command line.
 *
 * @param name the option or argument
 * @throws UsageError
 * @internal
 */
export function wholeNumber(name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw new UsageError(cliMessages.notANumber(name, value));
  }
  return Number(value);
}
