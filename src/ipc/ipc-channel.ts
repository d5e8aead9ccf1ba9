import { PrimaryRequestError } from '../model/errors/primary-request.error.js';
import { PrimaryUnreachableError } from '../model/errors/primary-unreachable.error.js';
import { afterReading } from '../system/time/deadline-timer.js';
import { printable, printableError } from '../system/text/printable.js';
import { tagged } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import { describeMismatch } from '../validation/shape/describe-mismatch.js';
import { type Failure, isPacket, open, type Packet, seal } from './envelope.js';
import { type Hello, PROTOCOL_VERSION } from './protocol-version.js';
import type {
  Message,
  Protocol,
  QuestionOf,
  QuestionShape,
  QuestionShapes,
  QuestionTable,
} from './protocol.js';

/** One end of Node's channel: `process` in a worker, its `ChildProcess` in the primary. @internal */
export interface IpcLink {
  readonly connected: boolean;
  send?(message: object, written: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'disconnect', listener: () => void): unknown;
}

/** Receives what arrives. Errors that its methods throw are reported to `onFault`. @internal */
export interface IpcObserver<In, Answered extends QuestionTable<Answered>> {
  /** An envelope has arrived, with any content: the other end is alive. */
  onSignOfLife?(): void;
  onMessage(message: In): void;
  /** If a returned promise rejects, the question is answered with that error. */
  onQuestion?(question: QuestionOf<Answered>): void | Promise<void>;
  /** Something invalid has arrived, and was ignored. Called only for the first one. */
  onInvalid(reason: string): void;
  /** One of these methods has failed. Called once for each type of message or question. */
  onFault(what: string, error: unknown): void;
  /**
   * The other end has an incompatible version, or none, and everything that it sends is ignored. Called once. If
   * this method is missing, the other end need not send its version.
   */
  onIncompatible?(hello: Hello | undefined): void;
}

interface PendingQuestion {
  readonly name: string;
  readonly params: unknown;
  readonly cancelTimeout: (() => void) | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

type AnyQuestionShape = QuestionShape<unknown, unknown>;

/**
 * Carries messages, questions and answers between a worker and its primary. Everything that is sent in one turn of
 * the event loop goes out in one envelope, in order. Nothing is sent on a closed channel.
 *
 * Everything that arrives is validated here, once. Invalid input never throws. Every question with a number is
 * answered, if necessary with the reason why it cannot be.
 *
 * @internal
 */
export class IpcChannel<
  Out extends Message,
  In extends Message,
  Asked extends QuestionTable<Asked> = object,
  Answered extends QuestionTable<Answered> = object,
> {
  readonly #pending = new Map<number, PendingQuestion>();
  #messages: Readonly<Record<string, unknown>> = {};
  #messageShape: Shape<Message> = tagged('type', {});
  readonly #asked = new Map<string, AnyQuestionShape>();
  readonly #answered = new Map<string, AnyQuestionShape>();
  #outbox: Packet[] = [];
  #flushing: Promise<void> | undefined;
  #nextId = 1;
  /** Envelopes that are not written yet. */
  #unwritten = 0;
  #peer: 'unknown' | 'compatible' | 'incompatible';
  #hasReportedInvalid = false;
  /** Faults that were reported: at most one for each type of message and question. */
  readonly #reportedFaults = new Set<string>();

  constructor(
    private readonly link: IpcLink,
    protocol: Protocol<In, Asked, Answered>,
    private readonly observer: IpcObserver<In, Answered>,
  ) {
    this.extend(protocol);
    this.#peer = observer.onIncompatible ? 'unknown' : 'compatible';
    link.on('message', this.#receive);
    link.on('disconnect', this.#disconnected);
  }

  /** Adds the protocol of a feature to this end. */
  extend<OtherOut extends Message, OtherIn extends Message, Q extends QuestionTable<Q>>({
    messages,
    asked,
    answered,
  }: Protocol<OtherIn, Q, object>): Pick<IpcChannel<OtherOut, OtherIn, Q>, 'post' | 'ask'> {
    this.#messages = { ...this.#messages, ...messages };
    this.#messageShape = tagged('type', this.#messages as never);
    addTo(this.#asked, asked);
    addTo(this.#answered, answered);
    return this as unknown as IpcChannel<OtherOut, OtherIn, Q>;
  }

  /** Sends the version of this process; must be called before anything else is sent. */
  introduce(hello: Hello): void {
    void this.#send({ hello });
  }

  /** Sends a message; resolves when it is written, or cannot be written any more. */
  post(message: Out): Promise<void> {
    return this.#send({ message });
  }

  /** Sends a message and all earlier ones at once, because the process may end in this turn. */
  postNow(message: Out): void {
    this.#outbox.push({ message });
    this.#flush(() => {});
  }

  /** Sends a message that the next one supersedes: it is dropped while other messages wait to be written. */
  offer(message: Out): void {
    if (this.#unwritten === 0) {
      void this.post(message);
    }
  }

  /**
   * Asks a question, and resolves with the answer. Waits for at most `timeout` milliseconds or, without one, as long
   * as the channel is open.
   *
   * @throws PrimaryUnreachableError if no answer comes in time, or the channel is or gets closed
   * @throws PrimaryRequestError if the other end cannot answer, or its answer is invalid
   */
  ask<Name extends keyof Asked & string>(
    name: Name,
    params: Asked[Name]['params'],
    timeout?: number,
  ): Promise<Asked[Name]['answer']> {
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
      this.#pending.set(id, { name, params, cancelTimeout, resolve, reject });
      void this.#send({ question: name, id, params });
    });
  }

  /** Stops listening, and rejects open questions. */
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
    void this.#write(packets).then(written);
  }

  /** Resolves when the packets are written, or cannot be written any more. */
  #write(packets: readonly Packet[]): Promise<void> {
    const { link } = this;
    if (packets.length === 0 || !link.connected || !link.send) {
      return Promise.resolve();
    }
    return new Promise(written => {
      try {
        // Without a callback, an error would be emitted and end the process. Write errors need no handling: the
        // channel is then closed, which is reported separately.
        link.send!(seal(packets), () => {
          this.#unwritten--;
          written();
        });
        this.#unwritten++;
      } catch (error) {
        // The packets together exceed the maximum string length, or one of them cannot be represented in JSON.
        void this.#writeApart(packets, error).then(written);
      }
    });
  }

  async #writeApart(packets: readonly Packet[], error: unknown): Promise<void> {
    if (packets.length > 1) {
      await Promise.all(packets.map(packet => this.#write([packet])));
      return;
    }
    const [packet] = packets;
    const why = `it could not be serialized: ${printableError(error)}`;
    if (packet && 'answer' in packet) {
      await this.#send({ answers: packet.answers, failed: { why, mayBeApplied: true } });
    } else if (packet && 'question' in packet) {
      this.#reject(packet.id, { why, mayBeApplied: false });
    }
    this.#onFault('sending', error);
  }

  readonly #receive = (received: unknown): void => {
    const envelope = open(received);
    if (!envelope) {
      return;
    }
    this.observer.onSignOfLife?.();
    const { content } = envelope;
    if (!Array.isArray(content)) {
      this.#onInvalid('an envelope without a list of packets');
      return;
    }
    for (const packet of content as unknown[]) {
      if (isPacket(packet)) {
        this.#take(packet);
      } else {
        this.#onInvalid('a packet of an unknown form');
      }
    }
  };

  #take(packet: Packet): void {
    if (this.#peer !== 'compatible' && !this.#meets(packet)) {
      return;
    }
    if ('message' in packet) {
      this.#tell(packet.message);
    } else if ('question' in packet) {
      this.#answer(packet.question, packet.id, packet.params);
    } else if ('failed' in packet) {
      this.#reject(packet.answers, packet.failed);
    } else if ('answers' in packet) {
      this.#resolve(packet.answers, packet.answer);
    }
  }

  /** Whether the packet may be handled: the other end must first have sent a compatible version. */
  #meets(packet: Packet): boolean {
    const hello = 'hello' in packet ? packet.hello : undefined;
    if (this.#peer === 'unknown' && !hello && !this.#isOfPeer(packet)) {
      // The packet may be of another library, and says nothing about the other end.
      return true;
    }
    if (this.#peer === 'unknown') {
      this.#peer = hello?.protocol === PROTOCOL_VERSION ? 'compatible' : 'incompatible';
      if (this.#peer === 'incompatible') {
        this.#guard('a hello', () => this.observer.onIncompatible?.(hello));
      }
    }
    if (this.#peer === 'incompatible' && 'question' in packet) {
      this.#refuse(packet.id, 'the protocol versions differ');
    }
    return this.#peer === 'compatible';
  }

  /** Whether only the other end of this channel can have sent the packet, whatever its version. */
  #isOfPeer(packet: Packet): boolean {
    return 'message' in packet
      ? this.#messageShape(packet.message) === undefined
      : 'question' in packet && this.#answered.has(packet.question);
  }

  #tell(message: unknown): void {
    const mismatch = this.#messageShape(message);
    if (mismatch) {
      this.#onInvalid(describeMismatch(mismatch, 'a message'));
      return;
    }
    const { type } = message as Message;
    this.#guard(`the message "${type}"`, () => this.observer.onMessage(message as In));
  }

  #answer(name: string, id: number, params: unknown): void {
    const shape = this.#answered.get(name);
    if (!shape) {
      this.#refuse(id, `the question "${printable(name)}" is unknown`);
      this.#onInvalid(`an unknown question "${printable(name)}"`);
      return;
    }
    const mismatch = shape.params(params);
    if (mismatch) {
      const why = describeMismatch(mismatch, 'params');
      this.#refuse(id, why);
      this.#onInvalid(`the question "${name}": ${why}`);
      return;
    }
    const sorted = shape.sortOut?.(params) ?? { params };
    if (sorted.mismatch) {
      this.#onInvalid(`the question "${name}": ${describeMismatch(sorted.mismatch)}`);
    }
    let isAnswered = false;
    const once = (packet: Packet): void => {
      if (!isAnswered) {
        isAnswered = true;
        void this.#send(packet);
      }
    };
    const question = {
      name,
      params: sorted.params,
      answer: (answer: unknown) => once({ answers: id, answer }),
    } as QuestionOf<Answered>;
    this.#guard(
      `the question "${name}"`,
      () => this.observer.onQuestion?.(question),
      error => {
        const why = `the primary failed: ${printableError(error)}`;
        once({ answers: id, failed: { why, mayBeApplied: true } });
      },
    );
  }

  #refuse(id: number, why: string): void {
    void this.#send({ answers: id, failed: { why, mayBeApplied: false } });
  }

  #resolve(id: number, answer: unknown): void {
    const pending = this.#pending.get(id);
    if (!pending) {
      return;
    }
    const { name, params, resolve } = pending;
    const shape = this.#asked.get(name);
    const mismatch = (shape?.answerTo?.(params) ?? shape?.answer)?.(answer);
    if (mismatch) {
      const why = describeMismatch(mismatch, 'its answer');
      this.#reject(id, { why, mayBeApplied: true });
      this.#onInvalid(`the answer to "${name}": ${why}`);
      return;
    }
    this.#forget(id, pending);
    resolve(answer as never);
  }

  #reject(id: number, { why, mayBeApplied }: Failure): void {
    const pending = this.#pending.get(id);
    if (pending) {
      this.#forget(id, pending);
      pending.reject(new PrimaryRequestError(pending.name, printable(why), mayBeApplied));
    }
  }

  #forget(id: number, { cancelTimeout }: PendingQuestion): void {
    cancelTimeout?.();
    this.#pending.delete(id);
  }

  /** Runs a handler for something that has arrived, and reports its errors, which must not end this process. */
  #guard(
    what: string,
    handle: () => void | Promise<void>,
    onError: (error: unknown) => void = () => {},
  ): void {
    const failed = (error: unknown): void => {
      onError(error);
      this.#onFault(what, error);
    };
    try {
      handle()?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #onInvalid(reason: string): void {
    if (!this.#hasReportedInvalid) {
      this.#hasReportedInvalid = true;
      this.observer.onInvalid(reason);
    }
  }

  #onFault(what: string, error: unknown): void {
    if (!this.#reportedFaults.has(what)) {
      this.#reportedFaults.add(what);
      this.observer.onFault(what, error);
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

function addTo<Q extends QuestionTable<Q>>(
  table: Map<string, AnyQuestionShape>,
  shapes: QuestionShapes<Q>,
): void {
  const added = Object.entries(shapes as Readonly<Record<string, AnyQuestionShape>>);
  added.forEach(([name, shape]) => table.set(name, shape));
}
