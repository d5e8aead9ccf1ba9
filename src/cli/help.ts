import {
  type CommandName,
  COMMAND_NAMES,
  type CommandSpec,
  optionsOf,
  specOf,
} from './command-table.js';

/** Returns the help of all commands. @internal */
export function overview(): string {
  const usages = COMMAND_NAMES.map(name => [usage(name), specOf(name).summary] as const);
  return [
    'Usage: nestjs-cluster <command> [options]',
    '',
    'Runs and controls NestJS applications that import ClusterModule of nestjs-cluster.',
    '',
    ...columns(usages),
    '',
    'A command is for the host of the application in the working directory. See also: nestjs-cluster help <command>',
  ].join('\n');
}

/** Returns the help of a command. @internal */
export function helpOf(name: CommandName): string {
  const spec = specOf(name);
  const options = Object.entries(optionsOf(spec)).map(
    ([option, { takes, help }]) =>
      [`--${option}${takes === undefined ? '' : ` <${takes}>`}`, help] as const,
  );
  return [
    `Usage: nestjs-cluster ${usage(name)} [options]`,
    '',
    sentence(spec.summary),
    ...(spec.details === undefined ? [] : [spec.details]),
    '',
    ...columns(options),
  ].join('\n');
}

function usage(name: CommandName): string {
  return [name, ...argumentsOf(specOf(name))].join(' ');
}

function argumentsOf({ args = [] }: CommandSpec): readonly string[] {
  return args.map(({ name, isOptional }) => (isOptional ? `[${name}]` : `<${name}>`));
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
