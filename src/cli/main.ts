#!/usr/bin/env node
/** `nestjs-cluster`: see docs/start.md. */
import nodeModule from 'node:module';
import { resolve } from 'node:path';
import { PACKAGE_VERSION } from '../system/own-package.js';
import { startHost } from '../start/start-host.js';
import { parseStartArguments } from './start-arguments.js';
import { UsageError } from './usage.error.js';

const HELP = `Usage: nestjs-cluster start [--workers <number>] <main file> [arguments]

Runs a NestJS application that imports ClusterModule. The primary does not load the application.

  --workers, -w <number>  the number of workers, as CLUSTER_WORKERS`;

/** The exit code for wrong arguments. */
const USAGE = 2;

void main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) {
    throw error;
  }
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = USAGE;
});

async function main([command, ...argv]: readonly string[]): Promise<void> {
  if (command === undefined || command === 'help' || isHelp(command) || isHelp(argv[0])) {
    console.log(HELP);
    return;
  }
  if (command === '--version' || command === '-v') {
    console.log(PACKAGE_VERSION);
    return;
  }
  if (command !== 'start') {
    throw new UsageError(`Unknown command "${command}".`);
  }
  await start(argv);
}

function isHelp(argument: string | undefined): boolean {
  return argument === '--help' || argument === '-h';
}

async function start(argv: readonly string[]): Promise<void> {
  const { main: file, args, workers } = parseStartArguments(argv);
  if (workers !== undefined) {
    process.env['CLUSTER_WORKERS'] = workers;
  }
  // As if Node had been started with the main file.
  process.argv = [process.execPath, resolve(file), ...args];
  // As with `node --import nestjs-cluster/start`: workers load it before the main file.
  process.execArgv.push('--import', import.meta.resolve('nestjs-cluster/start'));
  await startHost();
  nodeModule.runMain();
}
