import { boolean, integer, text } from '../validation/shape/scalars.js';
import { object } from '../validation/shape/structures.js';
import { type Hello, helloShape } from './protocol-version.js';

/** The key that identifies messages of this package on the channel. */
const KEY = 'nestjs-cluster';

/** Why a question is not answered. @internal */
export interface Failure {
  readonly why: string;
  /** Whether the request may have been carried out nevertheless, wholly or in part. */
  readonly mayBeApplied: boolean;
}

/** One item in an envelope: the hello, a message, a question, or an answer. @internal */
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
 * Returns the content of an envelope, which has not been validated; `undefined` for anything else. Other libraries
 * may send any value over the channel, even `null`.
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
 * Whether a value has the form of a packet. The content of the packet is validated elsewhere.
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
