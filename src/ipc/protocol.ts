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
export interface QuestionShape<Asks, Answer> {
  readonly asks: Shape<Asks>;
  /** Where some of what is asked may be invalid, and the rest be answered: sorts that out. */
  readonly sortOut?: (asks: Asks) => SortedOut<Asks>;
  readonly answer: Shape<Answer>;
  /** Where the shape of the answer depends on what was asked: used instead of `answer`. */
  readonly answerTo?: (asks: Asks) => Shape<Answer>;
}

/** @internal */
export interface SortedOut<Asks> {
  /** What is asked, with something in the place of what is invalid. */
  readonly asks: Asks;
  /** The first that is invalid. */
  readonly mismatch?: Mismatch | undefined;
}

/** What is asked, and what is answered, by the name of the question. @internal */
export type QuestionTable<Q> = {
  readonly [Name in keyof Q]: { readonly asks: unknown; readonly answer: unknown };
};

/** The shapes of each question. The compiler checks that none is forgotten. @internal */
export type QuestionShapes<Q extends QuestionTable<Q>> = {
  readonly [Name in keyof Q]: QuestionShape<Q[Name]['asks'], Q[Name]['answer']>;
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
    readonly asks: Q[Name]['asks'];
    /** The first call counts. */
    readonly answer: (answer: Q[Name]['answer']) => void;
  };
}[keyof Q];
