import { printable } from '../../system/text/printable.js';
import * as shape from '../../validation/shape.js';
import type { SourcePositions } from './source-positions.js';

/** One call on a stack, the innermost first. @internal */
export interface Frame {
  /** As V8 writes it: `Service.find (file:///app/main.js:12:34)`. */
  readonly text: string;
  /** Of the file, or its path in CommonJS; not there for what is built into V8. */
  readonly url: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** What a worker's inspector may answer: it is a process like any other. @internal */
export const FRAMES: shape.Shape<readonly Frame[]> = shape.list(
  shape.object<Frame>({
    text: shape.text(),
    url: shape.nullable(shape.text()),
    line: shape.nullable(shape.integer()),
    column: shape.nullable(shape.integer()),
  }),
);

/** More tells nobody more. */
const MAX_FRAMES = 20;

/** How Node emits events, and with one tells the process, still blocked, that it has an inspector now. */
const EMITTING = 'process.emit (node:events:';

/** Evaluated in the blocked worker, gives a `Frame[]` of what is under the evaluation itself. @internal */
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
 * The lines of a stack; `undefined` if there are none. What of Node called the outermost function is left
 * out: it is the same each time.
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

/** How many of the innermost are there only because we ask. */
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
