import type { BusMember } from '../membership/bus-member.interface.js';

/** Who answered a question, and who did not. @publicApi */
export interface AskResult<Answer = unknown> {
  readonly replies: readonly Reply<Answer>[];
  readonly missing: readonly MissingReply[];
}

/** @publicApi */
export interface Reply<Answer = unknown> {
  readonly worker: BusMember;
  readonly value: Answer;
}

/** @publicApi */
export interface MissingReply {
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
