import type { WorkerOutput } from '../output/worker-output.js';
import type { WorkerProcess } from '../node-cluster/worker-process.js';
import { askInspector } from './ask-inspector.js';
import { CAPTURE_FRAMES, type Frame, formatFrames, FRAMES } from './stack-frames.js';
import { SourcePositions } from './source-positions.js';
import { startInspector } from './start-inspector.js';

/**
 * Resolves with the JavaScript stack of a worker whose event loop is blocked: lines like those of `Error.stack`,
 * with positions in the TypeScript sources where a source map exists. The worker must be killed afterwards, because
 * its inspector stays open.
 *
 * On SIGUSR1, Node starts the inspector in a separate thread, and V8 interrupts any running JavaScript, even a
 * regular expression, to answer it. So nothing has to run in the worker beforehand.
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
export function readBlockedStack(
  worker: Pick<WorkerProcess, 'kill' | 'stderr'>,
  output: WorkerOutput | undefined,
  timeoutMilliseconds: number,
): Promise<string | undefined> {
  const { stderr } = worker;
  if (!stderr || stderr.destroyed || !output) {
    return Promise.resolve(undefined);
  }
  return new Promise(resolve => {
    const over = new AbortController();
    const finish = (stack?: string): void => {
      clearTimeout(timer);
      stderr.off('close', giveUp);
      over.abort();
      resolve(stack);
    };
    const giveUp = (): void => finish();
    const timer = setTimeout(giveUp, timeoutMilliseconds);
    stderr.once('close', giveUp); // The worker has ended.
    stackOf(worker, output, over.signal).then(finish, giveUp);
  });
}

/** @internal */
export type ReadBlockedStack = typeof readBlockedStack;

async function stackOf(
  worker: Pick<WorkerProcess, 'kill'>,
  output: WorkerOutput,
  over: AbortSignal,
): Promise<string | undefined> {
  const inspector = await startInspector(worker, output);
  const frames = await askInspector<readonly Frame[]>(inspector, CAPTURE_FRAMES, over);
  // No frames, or an invalid reply: no stack.
  return frames && FRAMES(frames) === undefined
    ? formatFrames(frames, new SourcePositions())
    : undefined;
}
