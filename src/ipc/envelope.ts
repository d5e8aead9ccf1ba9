import { boolean, integer, object, text } from '../validation/shape.js';
import { type Hello, helloShape } from './protocol-version.js';

/** The key of our own, by which messages of ours are told from those of others. */
const KEY = 'nestjs-cluster';

/** Why a question is not answered. @internal */
export interface Failure {
  readonly why: string;
  /** Whether what was asked may have been carried out all the same, or a part of it. */
  readonly mayBeApplied: boolean;
}

/** One thing inside an envelope: who speaks, a message, a question, or the answer to one. @internal */
export type Packet =
  | { readonly hello: Hello }
  | { readonly message: unknown }
  | { readonly question: string; readonly id: number; readonly params: unknown }
  | { readonly answers: number; readonly answer: unknown }
  | { readonly answers: number; readonly failed: Failure };

/** @internal */
export function seal(packets: readonly Packet[]): object {
  return { [KEY]: packets };
}

/**
 * What is in an envelope, which may be anything; `undefined` for what is not an envelope of ours. Any library may
 * send anything over the channel, `null` too.
 *
 * @internal
 */
export function open(received: unknown): { readonly content: unknown } | undefined {
  if (typeof received !== 'object' || received === null || !Object.hasOwn(received, KEY)) {
    return undefined;
  }
  return { content: (received as { readonly [KEY]: unknown })[KEY] };
}

const id = integer({ min: 0 });

const SHAPES = {
  hello: object<{ hello: Hello }>({ hello: helloShape }),
  question: object<{ question: string; id: number }>({ question: text(), id }),
  answer: object<{ answers: number }>({ answers: id }),
  failed: object<{ answers: number; failed: Failure }>({
    answers: id,
    failed: object<Failure>({ why: text(), mayBeApplied: boolean }),
  }),
};

const FORMS = Object.keys(SHAPES) as (keyof typeof SHAPES)[];

/**
 * Whether something has the form of a packet. What is said, asked or answered in it is for others to check.
 *
 * @internal
 */
export function isPacket(value: unknown): value is Packet {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (Object.hasOwn(value, 'message')) {
    return true;
  }
  const form = FORMS.find(each => Object.hasOwn(value, each));
  return form !== undefined && SHAPES[form](value) === undefined;
}
