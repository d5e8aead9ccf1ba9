import { describe, expect, it } from 'vitest';
import { commandName, parseCommand } from '../../../src/cli/parse-command-line.js';
import { COMMAND_NAMES } from '../../../src/cli/command-table.js';
import { wantedWorkers } from '../../../src/cli/commands/changes.js';
import { UsageError } from '../../../src/cli/usage.error.js';

describe('the command line', () => {
  it('knows its commands, and suggests similar ones', () => {
    expect(COMMAND_NAMES.map(name => commandName(name))).toEqual(COMMAND_NAMES);
    expect(() => commandName('relaod')).toThrow(
      new UsageError('Unknown command "relaod". Did you mean reload?'),
    );
    expect(() => commandName('constructor')).toThrow(UsageError);
  });

  it('takes arguments and options in any order', () => {
    expect(parseCommand('logs', ['--json', '2', '--name', 'shop'])).toEqual({
      name: 'logs',
      args: ['2'],
      options: { json: true, name: 'shop' },
    });
    expect(parseCommand('logs', [])).toMatchObject({ args: [] });
    expect(parseCommand('restart', ['--help']).options).toEqual({ help: true });
    expect(parseCommand('restart', ['-h']).options).toEqual({ help: true });
  });

  it.each([
    ['4', { workers: 4 }],
    ['+2', { by: 2 }],
    ['-2', { by: -2 }],
  ])('takes a number of workers with a sign: scale %s', (text, params) => {
    const { args } = parseCommand('scale', [text, '--json']);
    expect(args).toEqual([text]);
    expect(wantedWorkers(args[0]!)).toEqual(params);
  });

  it.each(['', '--1', '1.5', 'x', '1e3', '+', '12345678901'])('refuses to scale to "%s"', text => {
    expect(() => wantedWorkers(text)).toThrow(UsageError);
  });

  it.each([
    ['restart', [], 'The argument <slot> is missing.'],
    ['scale', [], 'The argument <n|+n|-n> is missing.'],
    ['status', ['5'], 'Unexpected argument "5".'],
    ['status', ['--jsno'], "Unknown option '--jsno'"],
    ['status', ['--name'], "Option '--name <value>' argument missing"],
    ['top', ['--json=yes'], "Option '--json' does not take an argument"],
  ] as const)('says what is wrong: %s %j', (name, argv, message) => {
    expect(() => parseCommand(name, argv)).toThrow(UsageError);
    expect(() => parseCommand(name, argv)).toThrow(message);
  });
});
