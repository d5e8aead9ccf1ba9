import { PrimaryUnreachableError } from '../model/errors/primary-unreachable.error.js';
import { printable, printableError } from '../system/text/printable.js';
import { tagged } from '../validation/shape/structures.js';
import type { Shape } from '../validation/shape/shape.js';
import { describeMismatch } from '../validation/shape/describe-mismatch.js';
import { isPacket, open, type Packet } from './envelope.js';
import { EnvelopeWriter } from './envelope-writer.js';
import type { IpcLink } from './ipc-link.interface.js';
import { PendingQuestions } from './pending-questions.js';
import { type Hello, PROTOCOL_VERSION } from './protocol-version.js';
import type {
  Message,
  Protocol,
  QuestionOf,
  QuestionShape,
  QuestionShapes,
  QuestionTable,
} from './protocol.js';

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
  readonly #writer: EnvelopeWriter;
  readonly #questions: PendingQuestions;
  #messages: Readonly<Record<string, unknown>> = {};
  #messageShape: Shape<Message> = tagged('type', {});
  readonly #asked = new Map<string, AnyQuestionShape>();
  readonly #answered = new Map<string, AnyQuestionShape>();
  #peer: 'unknown' | 'compatible' | 'incompatible';
  #hasReportedInvalid = false;
  /** Faults that were reported: at most one for each type of message and question. */
  readonly #reportedFaults = new Set<string>();

  constructor(
    private readonly link: IpcLink,
    protocol: Protocol<In, Asked, Answered>,
    private readonly observer: IpcObserver<In, Answered>,
  ) {
    this.#writer = new EnvelopeWriter(link, this.#onUnserializable);
    this.#questions = new PendingQuestions(this.#writer);
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
    void this.#writer.send({ hello });
  }

  /** Sends a message; resolves when it is written, or cannot be written any more. */
  post(message: Out): Promise<void> {
    return this.#writer.send({ message });
  }

  /** Sends a message and all earlier ones at once, because the process may end in this turn. */
  postNow(message: Out): void {
    this.#writer.sendNow({ message });
  }

  /** Sends a message that the next one supersedes: it is dropped while other messages wait to be written. */
  offer(message: Out): void {
    if (!this.#writer.isBehind) {
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
    return this.#questions.ask(name, params, timeout);
  }

  /** Stops listening, and rejects open questions. */
  close(): void {
    this.link.off('message', this.#receive);
    this.link.off('disconnect', this.#disconnected);
    this.#disconnected();
  }

  /** Discards a packet. If it is a question or an answer, the caller that asked gets the reason. */
  readonly #onUnserializable = async (packet: Packet, error: unknown): Promise<void> => {
    const why = `it could not be serialized: ${printableError(error)}`;
    if ('answer' in packet) {
      const failed = { why, mayBeApplied: true };
      await this.#writer.send({ answers: packet.answers, failed });
    } else if ('question' in packet) {
      this.#questions.reject(packet.id, { why, mayBeApplied: false });
    }
    this.#onFault('sending', error);
  };

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
      this.#questions.reject(packet.answers, packet.failed);
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
        void this.#writer.send(packet);
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
    void this.#writer.send({ answers: id, failed: { why, mayBeApplied: false } });
  }

  #resolve(id: number, answer: unknown): void {
    const question = this.#questions.get(id);
    if (!question) {
      return;
    }
    const { name, params } = question;
    const shape = this.#asked.get(name);
    const mismatch = (shape?.answerTo?.(params) ?? shape?.answer)?.(answer);
    if (mismatch) {
      const why = describeMismatch(mismatch, 'its answer');
      this.#questions.reject(id, { why, mayBeApplied: true });
      this.#onInvalid(`the answer to "${name}": ${why}`);
      return;
    }
    this.#questions.resolve(id, answer);
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

  readonly #disconnected = (): void => this.#questions.rejectAll();
}

function addTo<Q extends QuestionTable<Q>>(
  table: Map<string, AnyQuestionShape>,
  shapes: QuestionShapes<Q>,
): void {
  const added = Object.entries(shapes as Readonly<Record<string, AnyQuestionShape>>);
  added.forEach(([name, shape]) => table.set(name, shape));
}
