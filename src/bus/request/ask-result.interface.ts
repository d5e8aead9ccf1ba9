import type { BusMember } from '../membership/bus-member.interface.js';

/** The result of `ClusterBus.ask()`: the answers, and the workers that did not answer. @publicApi */
export interface AskResult<Answer = unknown> {
  /** The answers, one for each worker that answered in time. */
  readonly replies: readonly Reply<Answer>[];
  /** The workers whose answer is missing, with the reason. */
  readonly missing: readonly MissingReply[];
}

/** The answer of one worker. @publicApi */
export interface Reply<Answer = unknown> {
  /** The worker that answered. */
  readonly worker: BusMember;
  /** Its answer. */
  readonly value: Answer;
}

/** A worker that did not answer. @publicApi */
export interface MissingReply {
  /** The worker that did not answer. */
  readonly worker: BusMember;
  /**
   * - `timeout`: it did not answer in time
   * - `gone`: it ended before it could answer
   * - `failed`: the handler threw an error, or the worker runs an incompatible version of this package
   */
  readonly reason: 'timeout' | 'gone' | 'failed';
  /** The error message, if the reason is `failed`. */
  readonly error?: string;
}
