import type {
  ControlFailure,
  ControlFailureCode,
  ControlHello,
  ControlRefusalCode,
  ControlReply,
} from '../../control/control-messages.js';
import { foreignFailureShape } from '../../model/events/lifecycle.shapes.js';
import { anything, integer, literal, text } from '../../validation/shape/scalars.js';
import { list, object, optional, tagged } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';
import { describeMismatch } from '../../validation/shape/describe-mismatch.js';
import { isRecord } from '../../system/is-record.js';

const count = integer({ min: 0 });

const directories = list(text({ maxLength: 4_096 }), { maxLength: 16 });

const helloShape = object<ControlHello>({
  type: literal('hello'),
  protocol: count,
  version: text({ maxLength: 100 }),
  name: text({ maxLength: 100 }),
  pid: count,
  directories,
  applications: directories,
});

type ReplyOf<Type extends ControlReply['type']> = Extract<ControlReply, { readonly type: Type }>;

const replyShape: Shape<ControlReply> = tagged<'type', ControlReply>('type', {
  done: object<ReplyOf<'done'>>({ type: literal('done'), id: count, value: anything }),
  item: object<ReplyOf<'item'>>({ type: literal('item'), id: count, value: anything }),
  failed: object<ReplyOf<'failed'>>({
    type: literal('failed'),
    id: count,
    error: object<ControlFailure>({
      // A newer host may have further codes.
      code: text<ControlFailureCode>(),
      message: text(),
      worker: optional(foreignFailureShape),
    }),
  }),
  refused: object<ReplyOf<'refused'>>({
    type: literal('refused'),
    error: object<ReplyOf<'refused'>['error']>({
      code: text<ControlRefusalCode>(),
      message: text(),
    }),
  }),
});

/** The types of replies. A host of another version may have further ones. */
const TYPES: ReadonlySet<unknown> = new Set(
  Object.keys({ done: true, item: true, failed: true, refused: true } satisfies Record<
    ControlReply['type'],
    true
  >),
);

/** A line of a host. @internal */
export type Parsed =
  | { readonly type: 'reply'; readonly reply: ControlReply }
  /** A reply of a type that is unknown here. */
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed'; readonly why: string };

/** Returns the hello in a line; `undefined` if it is something else. @internal */
export function parseHello(line: string): ControlHello | undefined {
  const value = parse(line);
  return helloShape(value) === undefined ? (value as ControlHello) : undefined;
}

/** Reads a line that is no hello. @internal */
export function parseReply(line: string): Parsed {
  const value = parse(line);
  if (value === undefined) {
    return { type: 'malformed', why: 'the line is no JSON' };
  }
  const found = replyShape(value);
  if (!found) {
    return { type: 'reply', reply: value as ControlReply };
  }
  const isUnknown =
    isRecord(value) && typeof value['type'] === 'string' && !TYPES.has(value['type']);
  return isUnknown
    ? { type: 'unknown' }
    : { type: 'malformed', why: describeMismatch(found, 'reply') };
}

/** Returns the value; `undefined` if the line is no JSON. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
