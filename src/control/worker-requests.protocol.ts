import type { FeatureChannel } from '../ipc/host-channel.interface.js';
import type { FeatureProtocol } from '../ipc/protocol.js';
import { workerFailureShape } from '../model/events/lifecycle.shapes.js';
import { anything, integer, literal, text } from '../validation/shape/scalars.js';
import { object, optional, tagged } from '../validation/shape/structures.js';
import type { ControlFailure, RestartResult } from './control-messages.js';
import {
  type InspectionFile,
  MAX_PROFILE_SECONDS,
  type TraceResult,
  type WorkerChoice,
} from './inspection.js';
import { slot, workerChoice } from './worker-choice.shapes.js';

/** What a worker can request of its primary, beside the commands of every worker. @internal */
export type WorkerRequest =
  /** The replacement of the worker in a slot. */
  | { readonly name: 'restart'; readonly slot: number }
  /** The stack of what a worker runs. */
  | ({ readonly name: 'trace' } & WorkerChoice)
  /** A CPU profile, in a file that exists until the request is released. */
  | ({ readonly name: 'profile'; readonly seconds: number } & WorkerChoice);

/** The values of the requests. @internal */
export interface WorkerRequestValues {
  readonly restart: RestartResult;
  readonly trace: TraceResult;
  readonly profile: InspectionFile;
}

/** A request of this name. @internal */
export type WorkerRequestOf<Name extends keyof WorkerRequestValues> = Extract<
  WorkerRequest,
  { readonly name: Name }
>;

/** The result of a request. @internal */
export type WorkerRequestAnswer =
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failed'; readonly failure: WorkerRequestFailure }
  /** The worker has released the request before. */
  | { readonly type: 'released' };

/** @internal */
export interface WorkerRequestFailure extends Omit<ControlFailure, 'code'> {
  readonly code: string;
}

/** The worker does not need the request or its result any more: what goes on for it ends, and its file is removed. @internal */
export interface WorkerRequestReleased {
  readonly type: 'workerRequestReleased';
  readonly id: number;
}

/** @internal */
export interface WorkerRequestQuestions {
  readonly workerRequest: {
    readonly params: { readonly id: number; readonly request: WorkerRequest };
    readonly answer: WorkerRequestAnswer;
  };
}

/** @internal */
export type WorkerRequestsProtocol = FeatureProtocol<
  WorkerRequestReleased,
  never,
  WorkerRequestQuestions
>;

/** @internal */
export type WorkerRequestsChannel = FeatureChannel<WorkerRequestReleased, WorkerRequestQuestions>;

const id = integer({ min: 0 });

type AnswerOf<Type extends WorkerRequestAnswer['type']> = Extract<
  WorkerRequestAnswer,
  { type: Type }
>;

/** The messages with which a worker requests what its primary does for clients of the control socket, too. @internal */
export const workerRequestsProtocol: WorkerRequestsProtocol = {
  toPrimary: {
    workerRequestReleased: object<WorkerRequestReleased>({
      type: literal('workerRequestReleased'),
      id,
    }),
  },
  toWorker: {},
  questions: {
    workerRequest: {
      params: object<WorkerRequestQuestions['workerRequest']['params']>({
        id,
        request: tagged<'name', WorkerRequest>('name', {
          restart: object<WorkerRequestOf<'restart'>>({ name: literal('restart'), slot }),
          trace: object<WorkerRequestOf<'trace'>>({ name: literal('trace'), ...workerChoice }),
          profile: object<WorkerRequestOf<'profile'>>({
            name: literal('profile'),
            ...workerChoice,
            seconds: integer({ min: 1, max: MAX_PROFILE_SECONDS }),
          }),
        }),
      }),
      answer: tagged<'type', WorkerRequestAnswer>('type', {
        done: object<AnswerOf<'done'>>({ type: literal('done'), value: anything }),
        failed: object<AnswerOf<'failed'>>({
          type: literal('failed'),
          failure: object<WorkerRequestFailure>({
            code: text(),
            message: text(),
            worker: optional(workerFailureShape),
          }),
        }),
        released: object<AnswerOf<'released'>>({ type: literal('released') }),
      }),
    },
  },
};
