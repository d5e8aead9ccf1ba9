import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import { anything, enumeration, integer, literal, text } from '../validation/shape/scalars.js';
import { object, tagged } from '../validation/shape/structures.js';

/** What only a worker knows. @internal */
export type ControlTopic = 'jobs' | 'doctor';

/** The answer of a worker. @internal */
export type ControlAnswer =
  | { readonly type: 'value'; readonly value: unknown }
  /** The application does not use the feature. */
  | { readonly type: 'unused' }
  | { readonly type: 'failed'; readonly why: string };

/** @internal */
export interface ControlQuestion {
  readonly type: 'controlQuestion';
  readonly id: number;
  readonly topic: ControlTopic;
}

/** @internal */
export interface ControlAnswered {
  readonly type: 'controlAnswered';
  readonly id: number;
  readonly answer: ControlAnswer;
}

type NoQuestions = Readonly<Record<string, never>>;

/** The messages with which a primary asks a worker for what a client of the control socket wants to know. @internal */
export type ControlProtocol = FeatureProtocol<ControlAnswered, ControlQuestion, NoQuestions>;

/** @internal */
export type ControlChannel = FeatureChannel<ControlAnswered, NoQuestions>;

const id = integer({ min: 0 });

type AnswerOf<Type extends ControlAnswer['type']> = Extract<ControlAnswer, { type: Type }>;

/** @internal */
export const controlProtocol: ControlProtocol = {
  toPrimary: {
    controlAnswered: object<ControlAnswered>({
      type: literal('controlAnswered'),
      id,
      answer: tagged<'type', ControlAnswer>('type', {
        value: object<AnswerOf<'value'>>({ type: literal('value'), value: anything }),
        unused: object<AnswerOf<'unused'>>({ type: literal('unused') }),
        failed: object<AnswerOf<'failed'>>({ type: literal('failed'), why: text() }),
      }),
    }),
  },
  toWorker: {
    controlQuestion: object<ControlQuestion>({
      type: literal('controlQuestion'),
      id,
      topic: enumeration<ControlTopic>({ jobs: true, doctor: true }),
    }),
  },
  questions: {},
};
