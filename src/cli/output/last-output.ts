import type { WorkerFailure } from '../../model/errors/worker-failure.interface.js';
import type { Io } from '../io.interface.js';
import { safeLine } from './safe-line.js';
import { hasColors } from './style.js';

/** Returns the last output of a worker that has failed, for standard error; empty if there is none. @internal */
export function lastOutput(
  worker: WorkerFailure | undefined,
  io: Pick<Io, 'env' | 'isNoteTerminal'>,
): string {
  if (!worker || worker.output.trim() === '') {
    return '';
  }
  const keepsColors = hasColors({ env: io.env, isTerminal: io.isNoteTerminal });
  const lines = worker.output.trimEnd().split('\n');
  const shown = lines.map(line => `  | ${safeLine(line, keepsColors)}`);
  return `The last output of the worker (pid ${worker.pid}):\n${shown.join('\n')}\n`;
}
