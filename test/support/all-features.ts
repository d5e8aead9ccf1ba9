import {
  type BusQuestions,
  busProtocol,
  type BusToPrimary,
  type BusToWorker,
} from '../../src/bus/transports/ipc/bus.protocol.js';
import type { IpcChannel } from '../../src/ipc/ipc-channel.js';
import {
  type FeatureProtocol,
  type Protocol,
  type QuestionOf,
  workerEnd,
} from '../../src/ipc/protocol.js';
import {
  supervisionProtocol,
  type SupervisionQuestions,
  type SupervisionToPrimary,
  type SupervisionToWorker,
} from '../../src/ipc/supervision.protocol.js';
import {
  stateProtocol,
  type StateQuestions,
  type StateToPrimary,
  type StateToWorker,
} from '../../src/state/backends/ipc/state.protocol.js';

/** The messages of a worker to its primary, of all features. */
export type ToPrimary = SupervisionToPrimary | StateToPrimary | BusToPrimary;

/** The messages of the primary to a worker. */
export type ToWorker = SupervisionToWorker | StateToWorker | BusToWorker;

/** The questions of a worker to its primary, with the answers. */
export interface Questions extends SupervisionQuestions, StateQuestions, BusQuestions {}

export type Question = QuestionOf<Questions>;

/** A worker's end of the channel. */
export type WorkerChannel = IpcChannel<ToPrimary, ToWorker, Questions>;

/** The primary's end of the channel. */
export type PrimaryChannel = IpcChannel<ToWorker, ToPrimary, object, Questions>;

const all: FeatureProtocol<ToPrimary, ToWorker, Questions> = {
  toPrimary: {
    ...supervisionProtocol.toPrimary,
    ...stateProtocol.toPrimary,
    ...busProtocol.toPrimary,
  },
  toWorker: { ...supervisionProtocol.toWorker, ...stateProtocol.toWorker, ...busProtocol.toWorker },
  questions: {
    ...supervisionProtocol.questions,
    ...stateProtocol.questions,
    ...busProtocol.questions,
  },
};

export const workerProtocol = workerEnd(all);

export const primaryProtocol: Protocol<ToPrimary, object, Questions> = {
  messages: all.toPrimary,
  asked: {},
  answered: all.questions,
};
