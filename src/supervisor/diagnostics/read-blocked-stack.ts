import { within } from '../../system/async/within.js';
import type { WorkerOutput } from '../output/worker-output.js';
import { readStack } from './read-stack.js';
import { type InspectedProcess, WorkerInspector } from './worker-inspector.js';

/**
 * Resolves with the JavaScript stack of a worker whose event loop is blocked: lines like those of `Error.stack`,
 * with positions in the TypeScript sources where a source map exists. The worker must be killed afterwards, because
 * its inspector stays open.
 *
 * Resolves with `undefined` if the worker does not answer, because it
 * - runs native code: `execSync()`, `pbkdf2Sync()`;
 * - handles SIGUSR1 itself, or ignores it (`--disable-sigusr1`);
 * - has an open inspector already;
 * - has exited.
 *
 * Never rejects, settles within the timeout, and leaves no listeners or sockets behind.
 *
 * @internal
 */
export async function readBlockedStack(
  worker: InspectedProcess,
  output: WorkerOutput | undefined,
  timeoutMilliseconds: number,
): Promise<string | undefined> {
  const inspector = new WorkerInspector(worker, output);
  const read = inspector
    .open(timeoutMilliseconds)
    .then(({ session }) => readStack(session))
    .catch(() => undefined);
  const stack = await within(timeoutMilliseconds, read, () => undefined);
  inspector.abandon();
  return stack;
}

/** @internal */
export type ReadBlockedStack = typeof readBlockedStack;
