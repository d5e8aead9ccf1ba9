#!/usr/bin/env node
/** `nestjs-cluster`: see docs/cli.md. */
import { PACKAGE_VERSION } from '../system/own-package.js';
import type { CommandName } from './command-table.js';
import { completionFor } from './completion.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { helpOf, overview } from './help.js';
import type { Io } from './io.interface.js';
import { commandName, parseCommand } from './parse-command-line.js';
import { processIo } from './process-io.js';
import { reportError } from './report-error.js';

const HELP = ['--help', '-h'];

const VERSION = ['--version', '-v'];

void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const io = processIo();
  try {
    const code = await run(argv, io);
    if (code !== undefined) {
      process.exitCode = code;
    }
  } catch (error) {
    process.exitCode = reportError(error, argv.includes('--json'), io);
  }
}

/** Returns the exit code; `undefined` if the command decides itself how the process ends. */
async function run([first, ...rest]: readonly string[], io: Io): Promise<ExitCode | undefined> {
  if (first === undefined || HELP.includes(first)) {
    return print(io, overview());
  }
  if (VERSION.includes(first)) {
    return print(io, PACKAGE_VERSION);
  }
  const name = commandName(first);
  if (name === 'start' && !HELP.includes(rest[0] ?? '')) {
    const { runStart } = await import('./run-start.js');
    return runStart(rest);
  }
  if (name === 'verify') {
    // As if `nestjs-cluster-verify` had been started.
    process.argv.splice(2, 1);
    await import('./verify/main.js');
    return undefined;
  }
  return runParsed(name, rest, io);
}

async function runParsed(name: CommandName, argv: readonly string[], io: Io): Promise<ExitCode> {
  const command = parseCommand(name, argv);
  const [argument] = command.args;
  if (command.options['help'] === true) {
    return print(io, helpOf(name));
  }
  if (name === 'help') {
    return print(io, argument === undefined ? overview() : helpOf(commandName(argument)));
  }
  if (name === 'completion') {
    return print(io, completionFor(argument ?? ''));
  }
  const { runHostCommand } = await import('./run-host-command.js');
  return runHostCommand(command, io);
}

function print(io: Io, text: string): ExitCode {
  io.print(`${text}\n`);
  return EXIT.done;
}
