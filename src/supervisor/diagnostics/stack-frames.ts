import { printable } from '../../system/text/printable.js';
import { integer, text as string } from '../../validation/shape/scalars.js';
import type { Shape } from '../../validation/shape/shape.js';
import { list, nullable, object } from '../../validation/shape/structures.js';
import type { SourcePositions } from './source-positions.js';

/** One call of a stack. Lists of frames begin with the innermost call. @internal */
export interface Frame {
  /** In V8's format: `Service.find (file:///app/main.js:12:34)`. */
  readonly text: string;
  /** The URL of the file, or its path in CommonJS; `null` for functions that are built into V8. */
  readonly url: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** Validates the reply of a worker's inspector: it comes from another process. @internal */
export const FRAMES: Shape<readonly Frame[]> = list(
  object<Frame>({
    text: string(),
    url: nullable(string()),
    line: nullable(integer()),
    column: nullable(integer()),
  }),
);

/** Deeper frames do not help to find the cause. */
const MAX_FRAMES = 20;

/** The frame by which Node emits an event, here the one that announces the inspector to the blocked process. */
const EMITTING = 'process.emit (node:events:';

/** An expression that returns the stack of the blocked worker as a `Frame[]`, without the evaluation itself. @internal */
export const CAPTURE_FRAMES = `(() => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const ours = 2; // this function, and the call of it
  Error.stackTraceLimit = ${MAX_FRAMES} + 10 + ours;
  Error.prepareStackTrace = (_, sites) => sites.slice(ours).map(site => ({
    text: String(site),
    url: site.getScriptNameOrSourceURL() || null,
    line: site.getLineNumber(),
    column: site.getColumnNumber(),
  }));
  try {
    return new Error().stack;
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
})()`;

/**
 * Resolves with the lines of a stack, or `undefined` if it has no frames. Node's own frames outside of the outermost
 * function of the application are omitted: they are always the same.
 *
 * @internal
 */
export async function formatFrames(
  frames: readonly Frame[],
  positions: SourcePositions,
): Promise<string | undefined> {
  const outermost = frames.findLastIndex(frame => frame.url !== null && !isOfNode(frame));
  const own = frames.slice(framesOfInspector(frames), outermost + 1);
  const lines = await Promise.all(own.slice(0, MAX_FRAMES).map(frame => format(frame, positions)));
  return lines.length > 0 ? lines.map(line => printable(line)).join('\n') : undefined;
}

/** The number of innermost frames that exist only because of the inspector. */
function framesOfInspector(frames: readonly Frame[]): number {
  const ofNode = frames.findIndex(frame => !isOfNode(frame));
  return 1 + frames.slice(0, ofNode).findLastIndex(({ text }) => text.startsWith(EMITTING));
}

function isOfNode({ url }: Frame): boolean {
  return url?.startsWith('node:') ?? false;
}

async function format(
  { text, url, line, column }: Frame,
  positions: SourcePositions,
): Promise<string> {
  if (url === null || line === null || column === null) {
    return `    at ${text}`;
  }
  const original = await positions.original(url, line, column);
  return `    at ${original ? text.replace(`${url}:${line}:${column}`, () => original) : text}`;
}
