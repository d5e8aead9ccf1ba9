import type {
  ControlFailure,
  ControlFailureCode,
  ControlHello,
  ControlRefusalCode,
  ControlReply,
} from '../../control/control-messages.js';
import { workerFailureShape } from '../../model/events/lifecycle.shapes.js';
import { anything, integer, literal, text } from '../../validation/shape/scalars.js';
import { list, object, optional, tagged } from '../../validation/shape/structures.js';
import type { Shape } from '../../validation/shape/shape.js';

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
      worker: optional(workerFailureShape),
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

/** Returns the hello in a line; `undefined` if it is something else. @internal */
export function parseHello(line: string): ControlHello | undefined {
  return parse(line, helloShape);
}

/** Returns the reply in a line; `undefined` if it is something else, such as a reply of a newer kind. @internal */
export function parseReply(line: string): ControlReply | undefined {
  return parse(line, replyShape);
}

function parse<T>(line: string, shape: Shape<T>): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return shape(value) === undefined ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
