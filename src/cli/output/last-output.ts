import type { WorkerFailure } from '../../model/errors/worker-failure.interface.js';
import { safeLine } from './safe-line.js';

/** Returns the last output of a worker that has failed, with its end of line; empty if there is none. @internal */
export function lastOutput(worker: WorkerFailure | undefined, isTerminal: boolean): string {
  if (!worker || worker.output.trim() === '') {
    return '';
  }
  const lines = worker.output.trimEnd().split('\n');
  const shown = lines.map(line => `  | ${safeLine(line, isTerminal)}`);
  return `The last output of the worker (pid ${worker.pid}):\n${shown.join('\n')}\n`;
}
