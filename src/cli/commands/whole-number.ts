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

/**
 * As {@link wholeNumber}, of a number that is at least 1.
 *
 * @throws UsageError
 * @internal
 */
export function positiveNumber(name: string, value: string, maximum = Infinity): number {
  const number = wholeNumber(name, value);
  if (number < 1) {
    throw new UsageError(cliMessages.notPositive(name));
  }
  if (number > maximum) {
    throw new UsageError(cliMessages.tooLarge(name, maximum));
  }
  return number;
}
