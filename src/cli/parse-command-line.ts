import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearestNames } from '../validation/nearest-names.js';
import { cliMessages } from './cli.messages.js';
import {
  COMMAND_NAMES,
  type CommandName,
  type CommandSpec,
  isCommand,
  optionsOf,
  specOf,
} from './command-table.js';
import { UsageError } from './usage.error.js';

/** A command with its arguments and options. @internal */
export interface ParsedCommand {
  readonly name: CommandName;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** A number with a sign is an argument, and not an option. */
const NEGATIVE = /^-\d+$/;

/**
 * Returns the name of the command.
 *
 * @throws UsageError if there is no such command
 * @internal
 */
export function commandName(name: string): CommandName {
  if (!isCommand(name)) {
    throw new UsageError(cliMessages.unknownCommand(name, nearestNames(name, COMMAND_NAMES)));
  }
  return name;
}

/**
 * Parses what follows the name of a command.
 *
 * @throws UsageError
 * @internal
 */
export function parseCommand(name: CommandName, argv: readonly string[]): ParsedCommand {
  const spec = specOf(name);
  const numbers = argv.filter(each => NEGATIVE.test(each));
  const others = argv.filter(each => !NEGATIVE.test(each));
  const { values, positionals } = parse(
    [...others, ...(numbers.length > 0 ? ['--', ...numbers] : [])],
    spec,
  );
  if (values['help'] !== true) {
    checkArguments(spec, positionals);
  }
  return { name, args: positionals, options: values };
}

function parse(
  args: string[],
  spec: CommandSpec,
): { values: ParsedCommand['options']; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [option, { takes }] of Object.entries(optionsOf(spec))) {
    options[option] = {
      type: takes === undefined ? 'boolean' : 'string',
      ...(option === 'help' && { short: 'h' }),
    };
  }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values: values as ParsedCommand['options'], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function checkArguments({ args = [] }: CommandSpec, given: readonly string[]): void {
  const missing = args[given.length];
  if (missing && !missing.isOptional) {
    throw new UsageError(cliMessages.missingArgument(missing.name));
  }
  const surplus = given[args.length];
  if (surplus !== undefined) {
    throw new UsageError(cliMessages.surplusArgument(surplus));
  }
}
