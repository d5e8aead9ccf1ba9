import type { BusMember } from '../membership/bus-member.interface.js';

/** Who answered a question, and who did not. @publicApi */
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
   * - `failed`: what was to answer threw an error, or the worker runs a version of this package with which this one
   *   cannot speak
   */
  readonly reason: 'timeout' | 'gone' | 'failed';
  /** Of what failed: why. */
  readonly error?: string;
}
