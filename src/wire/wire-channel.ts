import { PrimaryUnreachableError } from '../errors/primary-unreachable.error.js';
import { afterReading } from '../process/deadline-timer.js';
import { open, type Packet, seal } from './envelope.js';
import type { Question, QuestionName, Questions } from './messages.js';

/** One end of Node's channel: `process` in a worker, its `ChildProcess` in the primary. @internal */
export interface WireLink {
  readonly connected: boolean;
  send?(message: object, written: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'disconnect', listener: () => void): unknown;
}

interface PendingQuestion {
  readonly name: string;
  readonly cancelTimeout: (() => void) | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Messages, questions and answers between a worker and its primary. Everything said in one turn of
 * the event loop goes out as one envelope, in order; nothing is ever sent on a closed channel.
 *
 * @internal
 */
export class WireChannel<Out, In> {
  readonly #pending = new Map<number, PendingQuestion>();
  #outbox: Packet[] = [];
  #flushing: Promise<void> | undefined;
  #nextId = 1;
  /** Envelopes that the channel has not taken yet. */
  #unwritten = 0;

  constructor(
    private readonly link: WireLink,
    private readonly onMessage: (message: In) => void,
    private readonly onQuestion: (question: Question) => void = () => {},
  ) {
    link.on('message', this.#receive);
    link.on('disconnect', this.#disconnected);
  }

  /** Sends a message; the answer resolves once it is written, or can no longer be. */
  post(message: Out): Promise<void> {
    return this.#send({ message });
  }

  /** Sends a message, and what has been said before it, at once: the process may end in this turn. */
  postNow(message: Out): void {
    this.#outbox.push({ message });
    this.#flush(() => {});
  }

  /** Sends a message of which the next one makes up for the last: not while others wait to be written. */
  offer(message: Out): void {
    if (this.#unwritten === 0) {
      void this.post(message);
    }
  }

  /**
   * Asks and waits for the answer: at most `timeout` milliseconds or, without one, for as long as the
   * channel is open.
   *
   * @throws PrimaryUnreachableError if none comes in time, or the channel is or gets closed
   */
  ask<Name extends QuestionName>(
    name: Name,
    asks: Questions[Name]['asks'],
    timeout?: number,
  ): Promise<Questions[Name]['answer']> {
    if (!this.link.connected) {
      return Promise.reject(new PrimaryUnreachableError(name, 'the channel is closed'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancelTimeout =
        timeout === undefined
          ? undefined
          : afterReading(timeout, () => {
              this.#pending.delete(id);
              reject(new PrimaryUnreachableError(name, `no answer within ${timeout} ms`));
            });
      this.#pending.set(id, { name, cancelTimeout, resolve, reject });
      void this.#send({ question: name, id, asks });
    });
  }

  /** Stops listening; questions still open are rejected. */
  close(): void {
    this.link.off('message', this.#receive);
    this.link.off('disconnect', this.#disconnected);
    this.#disconnected();
  }

  #send(packet: Packet): Promise<void> {
    this.#outbox.push(packet);
    this.#flushing ??= new Promise(written => setImmediate(() => this.#flush(written)));
    return this.#flushing;
  }

  #flush(written: () => void): void {
    const packets = this.#outbox;
    this.#outbox = [];
    this.#flushing = undefined;
    if (packets.length === 0 || !this.link.connected || !this.link.send) {
      written();
      return;
    }
    // Without a callback, an error would be emitted and end the process. What could not be
    // written needs no other care: the channel is closed then, which everybody is told.
    this.#unwritten++;
    this.link.send(seal(packets), () => {
      this.#unwritten--;
      written();
    });
  }

  readonly #receive = (received: unknown): void => {
    for (const packet of open(received)) {
      if ('message' in packet) {
        this.onMessage(packet.message as In);
      } else if ('question' in packet) {
        this.#answer(packet.question as QuestionName, packet.id, packet.asks);
      } else {
        this.#answered(packet.answers, packet.answer);
      }
    }
  };

  #answer(name: QuestionName, id: number, asks: unknown): void {
    this.onQuestion({
      name,
      asks,
      answer: (answer: unknown) => void this.#send({ answers: id, answer }),
    } as Question);
  }

  #answered(id: number, answer: unknown): void {
    const pending = this.#pending.get(id);
    if (pending) {
      pending.cancelTimeout?.();
      this.#pending.delete(id);
      pending.resolve(answer as never);
    }
  }

  readonly #disconnected = (): void => {
    for (const { name, cancelTimeout, reject } of this.#pending.values()) {
      cancelTimeout?.();
      reject(new PrimaryUnreachableError(name, 'the channel closed'));
    }
    this.#pending.clear();
  };
}
