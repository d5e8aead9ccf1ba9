import type { InspectorSession } from './inspector-session.js';
import { SourcePositions } from './source-positions.js';
import { CAPTURE_FRAMES, formatFrames, FRAMES } from './stack-frames.js';

/**
 * Resolves with the stack of what a process runs, as lines like those of `Error.stack`, with positions in the TypeScript
 * sources where a source map exists; with `undefined` if it runs no JavaScript of the application.
 *
 * @internal
 */
export async function readStack(session: InspectorSession): Promise<string | undefined> {
  const frames = await session.evaluate(CAPTURE_FRAMES);
  // It comes from another process.
  return FRAMES(frames) === undefined
    ? formatFrames(frames as Parameters<typeof formatFrames>[0], new SourcePositions())
    : undefined;
}
