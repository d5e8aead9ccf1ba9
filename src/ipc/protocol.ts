import type { Mismatch, Shape } from '../validation/shape/shape.js';

/** A message from one end to the other. @internal */
export interface Message {
  readonly type: string;
}

/** The shape of each message that one end may receive. The compiler checks that none is missing. @internal */
export type MessageShapes<M extends Message> = {
  readonly [Type in M['type']]: Shape<Extract<M, { readonly type: Type }>>;
};

/** The shapes of a question and its answer. @internal */
export interface QuestionShape<Params, Answer> {
  readonly params: Shape<Params>;
  /** Separates valid from invalid parts of the parameters, if the valid parts can be answered alone. */
  readonly sortOut?: (params: Params) => SortedOut<Params>;
  readonly answer: Shape<Answer>;
  /** Returns the shape of the answer, if it depends on the parameters; replaces `answer`. */
  readonly answerTo?: (params: Params) => Shape<Answer>;
}

/** @internal */
export interface SortedOut<Params> {
  /** The parameters, with placeholders for invalid parts. */
  readonly params: Params;
  /** The first invalid part. */
  readonly mismatch?: Mismatch | undefined;
}

/** The parameters and the answer of each question, by its name. @internal */
export type QuestionTable<Q> = {
  readonly [Name in keyof Q]: { readonly params: unknown; readonly answer: unknown };
};

/** The shapes of each question. The compiler checks that none is missing. @internal */
export type QuestionShapes<Q extends QuestionTable<Q>> = {
  readonly [Name in keyof Q]: QuestionShape<Q[Name]['params'], Q[Name]['answer']>;
};

/** What one end of a channel may receive. Each feature declares its part beside its code. @internal */
export interface Protocol<
  In extends Message,
  Asked extends QuestionTable<Asked>,
  Answered extends QuestionTable<Answered>,
> {
  readonly messages: MessageShapes<In>;
  /** The questions that this end asks. */
  readonly asked: QuestionShapes<Asked>;
  /** The questions that this end answers. */
  readonly answered: QuestionShapes<Answered>;
}

/** A question as a union over its names, so that the answering side can switch on `name`. @internal */
export type QuestionOf<Q extends QuestionTable<Q>> = {
  [Name in keyof Q]: {
    readonly name: Name;
    readonly params: Q[Name]['params'];
    /** Answers the question; only the first call has an effect. */
    readonly answer: (answer: Q[Name]['answer']) => void;
  };
}[keyof Q];

/**
 * The messages and questions between the two ends of a feature: its part in the application's process, and its
 * service in the primary. Every feature declares them beside its code. Message types and question names are unique
 * across features.
 *
 * @internal
 */
export interface FeatureProtocol<
  Up extends Message,
  Down extends Message,
  Q extends QuestionTable<Q>,
> {
  readonly toPrimary: MessageShapes<Up>;
  readonly toWorker: MessageShapes<Down>;
  /** The questions that the application's process asks. */
  readonly questions: QuestionShapes<Q>;
}

/** The protocol of any feature. @internal */
export interface AnyFeatureProtocol {
  readonly toPrimary: Readonly<Record<string, unknown>>;
  readonly toWorker: Readonly<Record<string, unknown>>;
  readonly questions: Readonly<Record<string, unknown>>;
}

/** Returns what the end in a worker may receive. @internal */
export function workerEnd<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>({
  toWorker,
  questions,
}: FeatureProtocol<Up, Down, Q>): Protocol<Down, Q, object> {
  return { messages: toWorker, asked: questions, answered: {} };
}

/** What the end in the primary may receive, for several features. @internal */
export type PrimaryProtocol = Protocol<
  Message,
  object,
  Record<string, { params: unknown; answer: unknown }>
>;

/** Returns what the end in the primary may receive, for several features. @internal */
export function primaryEnd(features: readonly AnyFeatureProtocol[]): PrimaryProtocol {
  return {
    messages: Object.assign({}, ...features.map(({ toPrimary }) => toPrimary)) as never,
    asked: {},
    answered: Object.assign({}, ...features.map(({ questions }) => questions)) as never,
  };
}
