import { PrimaryRequestError } from '../model/errors/primary-request.error.js';
import { PrimaryUnreachableError } from '../model/errors/primary-unreachable.error.js';
import { printable } from '../system/text/printable.js';
import { afterReading } from '../system/time/deadline-timer.js';
import type { Failure } from './envelope.js';
import type { EnvelopeWriter } from './envelope-writer.js';

/** A question that has no answer yet. @internal */
export interface PendingQuestion {
  readonly name: string;
  readonly params: unknown;
}

interface Asked extends PendingQuestion {
  readonly cancelTimeout: (() => void) | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The questions of this end of a channel that have no answer yet, by their numbers. Each settles once: by its answer,
 * a failure, its timeout, or the end of the channel.
 *
 * @internal
 */
export class PendingQuestions {
  readonly #pending = new Map<number, Asked>();
  #nextId = 1;

  constructor(private readonly writer: Pick<EnvelopeWriter, 'send'>) {}

  /**
   * Sends a question, and resolves with the answer. Waits for at most `timeout` milliseconds or, without one, until
   * `rejectAll()`.
   *
   * @throws PrimaryUnreachableError if no answer comes in time, or `rejectAll()` is called
   * @throws PrimaryRequestError as `reject()` says
   */
  ask<Answer>(name: string, params: unknown, timeout: number | undefined): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancelTimeout =
        timeout === undefined
          ? undefined
          : afterReading(timeout, () => {
              this.#pending.delete(id);
              reject(new PrimaryUnreachableError(name, `no answer within ${timeout} ms`));
            });
      this.#pending.set(id, { name, params, cancelTimeout, resolve, reject });
      void this.writer.send({ question: name, id, params });
    });
  }

  get(id: number): PendingQuestion | undefined {
    return this.#pending.get(id);
  }

  /** @param answer has the shape that the question requires */
  resolve(id: number, answer: unknown): void {
    this.#take(id)?.resolve(answer as never);
  }

  reject(id: number, { why, mayBeApplied }: Failure): void {
    const asked = this.#take(id);
    asked?.reject(new PrimaryRequestError(asked.name, printable(why), mayBeApplied));
  }

  /** Rejects all questions, because no answers come any more. */
  rejectAll(): void {
    for (const { name, cancelTimeout, reject } of this.#pending.values()) {
      cancelTimeout?.();
      reject(new PrimaryUnreachableError(name, 'the channel closed'));
    }
    this.#pending.clear();
  }

  #take(id: number): Asked | undefined {
    const asked = this.#pending.get(id);
    asked?.cancelTimeout?.();
    this.#pending.delete(id);
    return asked;
  }
}
