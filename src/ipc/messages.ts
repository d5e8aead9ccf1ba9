import {
  type BusQuestions,
  busQuestions,
  busToPrimary,
  type BusToPrimary,
  busToWorker,
  type BusToWorker,
} from '../bus/transports/ipc/bus.protocol.js';
import {
  type SupervisionQuestions,
  supervisionQuestions,
  supervisionToPrimary,
  type SupervisionToPrimary,
  supervisionToWorker,
  type SupervisionToWorker,
} from './supervision.protocol.js';
import {
  type StateQuestions,
  stateQuestions,
  stateToPrimary,
  type StateToPrimary,
  stateToWorker,
  type StateToWorker,
} from '../state/backends/ipc/state.protocol.js';
import type { Protocol, QuestionOf } from './protocol.js';
import type { WireChannel } from './ipc-channel.js';

export type { BusRequest, Positions } from '../bus/transports/ipc/bus.protocol.js';
export type {
  BootFailure,
  CommandFailure,
  CommandOutcome,
  LeaveTerms,
} from './supervision.protocol.js';
export type { ClientBatch, Estate } from '../state/backends/ipc/state.protocol.js';

/** What a worker tells its primary. @internal */
export type ToPrimary = SupervisionToPrimary | StateToPrimary | BusToPrimary;

/** What the primary tells a worker. @internal */
export type ToWorker = SupervisionToWorker | StateToWorker | BusToWorker;

/** What a worker asks its primary, with the answers. @internal */
export interface Questions extends SupervisionQuestions, StateQuestions, BusQuestions {}

/** What the primary asks: nothing. @internal */
export type NoQuestions = object;

/** @internal */
export type Question = QuestionOf<Questions>;

/** A worker's end of the channel. @internal */
export type WorkerChannel = WireChannel<ToPrimary, ToWorker, Questions>;

/** The primary's end of the channel. @internal */
export type PrimaryChannel = WireChannel<ToWorker, ToPrimary, NoQuestions, Questions>;

const questions = { ...supervisionQuestions, ...stateQuestions, ...busQuestions };

/** What a worker may receive. @internal */
export const workerProtocol: Protocol<ToWorker, Questions, NoQuestions> = {
  messages: { ...supervisionToWorker, ...stateToWorker, ...busToWorker },
  asked: questions,
  answered: {},
};

/** What the primary may receive. @internal */
export const primaryProtocol: Protocol<ToPrimary, NoQuestions, Questions> = {
  messages: { ...supervisionToPrimary, ...stateToPrimary, ...busToPrimary },
  asked: {},
  answered: questions,
};
