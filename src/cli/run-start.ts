import nodeModule from 'node:module';
import { resolve } from 'node:path';
import { startHost } from '../start/start-host.js';
import { parseStartArguments } from './start-arguments.js';

/**
 * `nestjs-cluster start`: makes this process the primary, or runs the main file in it.
 *
 * @throws UsageError
 * @internal
 */
export async function runStart(argv: readonly string[]): Promise<undefined> {
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
