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
  /** Milliseconds that the backend may take to deliver a request. */
  readonly timeout: number;
  readonly maxPayloadBytes: number;
}

/**
 * The requests of this member to all members, and its answers to requests of others.
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

  /** @throws BusUnavailableError if the request could not be sent */
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
    const error = busMessages.unreadableMember();
    const missing = strangers.map(
      stranger => ({ worker: memberOf(stranger), reason: 'failed', error }) as const,
    );
    return { ...result, missing: [...result.missing, ...missing] };
  }

  /**
   * Answers the requests on a topic.
   *
   * @throws BusInputError if this member already answers the topic
   */
  async answer(topic: string, settings: AnswererSettings): Promise<Subscription> {
    this.#answers.add(topic, settings);
    const { transport, membership, timeout } = this.deps;
    const channel: Channel = `ask:${topic}`;
    const withdraw = membership.answers(topic);
    // Requesters wait for every member that is announced, so the channel must be open before.
    const told = transport.subscribe(channel).then(() => membership.announce());
    await within(timeout, told, () => {});
    return idempotent(async () => {
      withdraw();
      await membership.announce();
      this.#answers.remove(topic);
      await transport.unsubscribe(channel);
    });
  }

  /** Called for a request of a member. */
  asked(question: RequestText): void {
    this.#answers.take(question);
  }

  /** Called for an answer to a request of this member. */
  answered(reply: ReplyText): void {
    this.#requester.answered(reply);
  }

  /** Called when a member has left: its answers will not come. */
  gone(member: string): void {
    this.#requester.gone(member);
  }

  /** Resolves when no handler is running, or after `timeout` milliseconds. */
  async quiesce(timeout: number): Promise<void> {
    await within(timeout, this.#answers.settled(), () => {});
  }

  /** Ends all pending requests as if their time were over. */
  close(): void {
    this.#requester.close();
  }
}
