import { randomUUID } from 'node:crypto';
import { BusUnavailableError } from '../../model/errors/bus-unavailable.error.js';
import { within } from '../../system/async/within.js';
import { type AnswererSettings, Responder } from './responder.js';
import type { AskResult } from './ask-result.interface.js';
import { Requester } from './requester.js';
import { busMessages } from '../bus.messages.js';
import { memberOf, type Sender, type UnknownMember } from '../membership/bus-member.interface.js';
import type { RequestText, ReplyText } from '../payload/bus-message.js';
import {
  type BusTransport,
  type Channel,
  PublicationRefusedError,
} from '../bus-transport.interface.js';
import type { Subscription } from '../subscribe/event-context.interface.js';
import type { FaultReport } from '../fault-report.js';
import { BUS_VERSION } from '../payload/read-message.js';
import { idempotent } from '../subscribe/idempotent.js';
import type { Membership } from '../membership/membership.js';

/** @internal */
export interface PendingRequestsDependencies {
  readonly self: Sender;
  readonly transport: BusTransport;
  readonly membership: Membership;
  readonly report: FaultReport;
  /** Milliseconds that the backend may take to pass a question on. */
  readonly timeout: number;
  readonly maxPayloadBytes: number;
}

/**
 * The questions of this member to all, and its answers to those of others.
 *
 * @internal
 */
export class PendingRequests {
  readonly #requester = new Requester();
  readonly #answers: Responder;

  constructor(private readonly deps: PendingRequestsDependencies) {
    const { self, transport, report, maxPayloadBytes } = deps;
    this.#answers = new Responder(self, maxPayloadBytes, report, (member, text) =>
      transport.publish(`to:${member}`, text),
    );
  }

  /** @throws BusUnavailableError if the question could not be put */
  async ask(topic: string, payload: string, timeout: number): Promise<AskResult> {
    const { self, transport } = this.deps;
    const question = randomUUID();
    const head: Omit<RequestText, 'payload'> = { question, from: self, topic };
    const text = `${JSON.stringify({ v: BUS_VERSION, ...head }).slice(0, -1)},"payload":${payload}}`;
    let strangers: readonly UnknownMember[] = [];
    const result = await this.#requester.collect(question, timeout, async () => {
      try {
        const put = Promise.all([transport.members(), transport.publish(`ask:${topic}`, text)]);
        const [members] = await within(Math.min(timeout, this.deps.timeout), put, () => {
          throw new Error(busMessages.unanswered());
        });
        strangers = members.strangers.filter(({ answers }) => answers?.includes(topic) ?? true);
        return members.infos.filter(({ answers }) => answers.includes(topic));
      } catch (cause) {
        const mayHaveArrived = !(cause instanceof PublicationRefusedError);
        throw new BusUnavailableError(topic, (cause as Error).message, mayHaveArrived, { cause });
      }
    });
    const error = busMessages.stranger();
    const missing = strangers.map(
      stranger => ({ worker: memberOf(stranger), reason: 'failed', error }) as const,
    );
    return { ...result, missing: [...result.missing, ...missing] };
  }

  /**
   * Answers the questions on a topic.
   *
   * @throws BusInputError if this member answers them already
   */
  async answer(topic: string, settings: AnswererSettings): Promise<Subscription> {
    this.#answers.add(topic, settings);
    const { transport, membership, timeout } = this.deps;
    const channel: Channel = `ask:${topic}`;
    const withdraw = membership.answers(topic);
    // Those who ask count on whoever has said that it answers: it must hear them by then.
    const told = transport.subscribe(channel).then(() => membership.announce());
    await within(timeout, told, () => {});
    return idempotent(async () => {
      withdraw();
      await membership.announce();
      this.#answers.remove(topic);
      await transport.unsubscribe(channel);
    });
  }

  /** Somebody asks. */
  asked(question: RequestText): void {
    this.#answers.take(question);
  }

  /** Somebody answers what was asked here. */
  answered(reply: ReplyText): void {
    this.#requester.answered(reply);
  }

  /** A member is gone: it answers nothing any more. */
  gone(member: string): void {
    this.#requester.gone(member);
  }

  /** Resolves when nothing is being answered, or when there is no more time. */
  async quiesce(timeout: number): Promise<void> {
    await within(timeout, this.#answers.settled(), () => {});
  }

  /** Ends all questions as if their time were over. */
  close(): void {
    this.#requester.close();
  }
}
