import type { Readable } from 'node:stream';
import type { Clock } from '../../../system/time/clock.js';
import type { WorkerProcess } from '../../node-cluster/worker-process.js';

/** How long the last words of a process may be on their way after its exit. */
const LAST_WORDS_MILLISECONDS = 100;

/**
 * Calls `then` when a process that has ended has nothing more to say: its exit may be known before the last of what it
 * wrote has arrived.
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
  // Whatever the worker has started may have inherited its standard streams, and keep them open.
  const cancel = clock.after(LAST_WORDS_MILLISECONDS, finish);
  open.forEach(stream => stream.once('close', onClose));
}

function isOpen(stream: Readable | null): stream is Readable {
  return stream !== null && !stream.readableEnded && !stream.destroyed;
}
