import type { Mismatch, Shape } from '../validation/shape.js';

/** What one end tells the other: anything with a type. @internal */
export interface Message {
  readonly type: string;
}

/** The shape of each message that one end may receive. The compiler checks that none is forgotten. @internal */
export type MessageShapes<M extends Message> = {
  readonly [Type in M['type']]: Shape<Extract<M, { readonly type: Type }>>;
};

/** The shapes of a question, and of the answer to it. @internal */
export interface QuestionShape<Params, Answer> {
  readonly params: Shape<Params>;
  /** Where some of what is asked may be invalid, and the rest be answered: sorts that out. */
  readonly sortOut?: (params: Params) => SortedOut<Params>;
  readonly answer: Shape<Answer>;
  /** Where the shape of the answer depends on what was asked: used instead of `answer`. */
  readonly answerTo?: (params: Params) => Shape<Answer>;
}

/** @internal */
export interface SortedOut<Params> {
  /** What is asked, with something in the place of what is invalid. */
  readonly params: Params;
  /** The first that is invalid. */
  readonly mismatch?: Mismatch | undefined;
}

/** What is asked, and what is answered, by the name of the question. @internal */
export type QuestionTable<Q> = {
  readonly [Name in keyof Q]: { readonly params: unknown; readonly answer: unknown };
};

/** The shapes of each question. The compiler checks that none is forgotten. @internal */
export type QuestionShapes<Q extends QuestionTable<Q>> = {
  readonly [Name in keyof Q]: QuestionShape<Q[Name]['params'], Q[Name]['answer']>;
};

/** What one end of a channel may receive. Each feature declares its part next to the feature. @internal */
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
    /** The first call counts. */
    readonly answer: (answer: Q[Name]['answer']) => void;
  };
}[keyof Q];

/**
 * What the two ends of one feature say to each other: its part in the application's process, and its service in the
 * primary. Every feature declares it beside its code; types of messages and names of questions are unique over all.
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
  /** What the process of the application asks, with the answers. */
  readonly questions: QuestionShapes<Q>;
}

/** The same where it does not matter of which feature it is. @internal */
export interface AnyFeatureProtocol {
  readonly toPrimary: Readonly<Record<string, unknown>>;
  readonly toWorker: Readonly<Record<string, unknown>>;
  readonly questions: Readonly<Record<string, unknown>>;
}

/** What the end in a worker may receive. @internal */
export function workerEnd<Up extends Message, Down extends Message, Q extends QuestionTable<Q>>({
  toWorker,
  questions,
}: FeatureProtocol<Up, Down, Q>): Protocol<Down, Q, object> {
  return { messages: toWorker, asked: questions, answered: {} };
}

/** What the end in the primary may receive, of several features. @internal */
export function primaryEnd(
  features: readonly AnyFeatureProtocol[],
): Protocol<Message, object, Record<string, { params: unknown; answer: unknown }>> {
  return {
    messages: Object.assign({}, ...features.map(({ toPrimary }) => toPrimary)) as never,
    asked: {},
    answered: Object.assign({}, ...features.map(({ questions }) => questions)) as never,
  };
}
