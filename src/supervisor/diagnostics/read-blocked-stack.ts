import type { WorkerOutput } from '../output/worker-output.js';
import type { WorkerProcess } from '../node-cluster/worker-process.js';
import { askInspector } from './ask-inspector.js';
import { CAPTURE_FRAMES, type Frame, formatFrames, FRAMES } from './stack-frames.js';
import { SourcePositions } from './source-positions.js';
import { startInspector } from './start-inspector.js';

/**
 * Where in its JavaScript a worker hangs whose event loop does not turn: lines such as an error's
 * `stack` has, with positions in the TypeScript where there is a source map. For a worker that is killed next,
 * because its inspector stays open.
 *
 * Node starts the inspector on SIGUSR1 in a thread of its own, and V8 interrupts whatever JavaScript
 * runs, even a regular expression, for a question to it. So nobody has to watch inside of the worker.
 *
 * `undefined` where the worker does not answer, because it
 * - is in native code: `execSync()`, `pbkdf2Sync()`;
 * - listens to SIGUSR1 itself, or was told to ignore it by `--disable-sigusr1`;
 * - has an inspector open already;
 * - has ended.
 *
 * Never rejects, settles within the time, and leaves nothing behind in this process.
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
  // Without frames, or with something else instead, there is no stack.
  return frames && FRAMES(frames) === undefined
    ? formatFrames(frames, new SourcePositions())
    : undefined;
}
