import type { Readable } from 'node:stream';
import type { Clock } from '../../../system/time/clock.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';

/** Milliseconds for which the last output of a process may still arrive after its exit. */
const LAST_WORDS_MILLISECONDS = 100;

/**
 * Calls `then` when all output of an exited process has arrived: the exit may be reported before the last output.
 *
 * @internal
 */
export function afterLastWords(
  { stdout, stderr }: Pick<WorkerProcess, 'stdout' | 'stderr'>,
  clock: Clock,
  then: () => void,
): void {
  const open = new Set([stdout, stderr].filter(isOpen));
  if (open.size === 0) {
    then();
    return;
  }
  const finish = (): void => {
    cancel();
    open.forEach(stream => stream.removeListener('close', onClose));
    then();
  };
  function onClose(this: Readable): void {
    open.delete(this);
    if (open.size === 0) {
      finish();
    }
  }
  // A process that the worker has started may have inherited its standard streams, and keep them open.
  const cancel = clock.after(LAST_WORDS_MILLISECONDS, finish);
  open.forEach(stream => stream.once('close', onClose));
}

function isOpen(stream: Readable | null): stream is Readable {
  return stream !== null && !stream.readableEnded && !stream.destroyed;
}
