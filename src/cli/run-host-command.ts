import { commandsOfHost } from './commands/commands-of-host.js';
import type { ExitCode } from './exit-codes.js';
import { withHost } from './host/with-host.js';
import type { Io } from './io.interface.js';
import type { ParsedCommand } from './parse-command-line.js';
import { wholeNumber } from './commands/whole-number.js';

/**
 * Runs a command on the host that its options mean.
 *
 * @throws CliError, UsageError
 * @internal
 */
export function runHostCommand({ name, args, options }: ParsedCommand, io: Io): Promise<ExitCode> {
  const text = (option: string): string | undefined => {
    const value = options[option];
    return typeof value === 'string' ? value : undefined;
  };
  const pid = text('pid');
  const choice = {
    name: text('name'),
    pid: pid === undefined ? undefined : wholeNumber('--pid', pid),
    control: text('control'),
  };
  const json = options['json'] === true;
  return withHost(choice, io, client => commandsOfHost(name)(client, { args, options, json }, io));
}
