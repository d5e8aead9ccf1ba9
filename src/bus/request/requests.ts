import { randomUUID } from 'node:crypto';
import { BusUnavailableError } from '../../model/errors/bus-unavailable.error.js';
import { within } from '../../system/async/within.js';
import { timeLeftUntil } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { type AnswererSettings, Responder } from './responder.js';
import type { AskResult } from './ask-result.interface.js';
import { BatchedMessages } from './batched-messages.js';
import { Requester } from './requester.js';
import { busMessages } from '../bus.messages.js';
import {
  memberOf,
  type MemberList,
  type Sender,
  type UnknownMember,
} from '../membership/bus-member.interface.js';
import type { RepliesText, RequestsText } from '../payload/bus-message.js';
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
import { OwnMemberInfo } from '../membership/own-member-info.js';

/** @internal */
export interface RequestsDependencies {
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
export class Requests {
  readonly #requester = new Requester();
  readonly #responder: Responder;
  /** Requests by topic. Each message comes with the members that should answer it. */
  readonly #outgoing: BatchedMessages<MemberList>;

  constructor(private readonly deps: RequestsDependencies) {
    const { self, transport, report, maxPayloadBytes, timeout } = deps;
    const from = new OwnMemberInfo(self);
    const head = (): string => `{"v":${BUS_VERSION},"from":${from.text},`;
    this.#outgoing = new BatchedMessages(timeout, async (topic, items) => {
      const text = `${head()}"topic":${JSON.stringify(topic)},"requests":[${items}]}`;
      // The list comes first: a member that is announced afterwards may not get the request.
      const [members] = await Promise.all([
        transport.members(),
        transport.publish(`ask:${topic}`, text),
      ]);
      return members;
    });
    const replies = new BatchedMessages<void>(timeout, (member, items) =>
      transport.publish(`to:${member}`, `${head()}"replies":[${items}]}`),
    );
    this.#responder = new Responder(maxPayloadBytes, report, (member, text) =>
      replies.add(member, text, monotonicNow() + timeout),
    );
  }

  /** @throws BusUnavailableError if the request could not be sent */
  async ask(topic: string, payload: string, timeout: number, deadline: number): Promise<AskResult> {
    const question = randomUUID();
    const item = `{"question":"${question}","payload":${payload}}`;
    const limit = Math.min(timeout, timeLeftUntil(deadline));
    let strangers: readonly UnknownMember[] = [];
    const result = await this.#requester.collect(question, timeout, async () => {
      try {
        const sent = this.#outgoing.add(topic, item, monotonicNow() + limit);
        const members = await within(limit, sent, () => {
          throw new Error(busMessages.unanswered());
        });
        strangers = members.strangers.filter(({ answers }) => answers?.includes(topic) ?? true);
        return members.infos.filter(({ answers }) => answers.includes(topic));
      } catch (cause) {
        const mayHaveArrived = !(cause instanceof PublicationRefusedError);
        const { message: why } = cause as Error;
        throw new BusUnavailableError(topic, why, mayHaveArrived, { cause, method: 'ask' });
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
  async answer(topic: string, settings: AnswererSettings, deadline: number): Promise<Subscription> {
    this.#responder.add(topic, settings);
    const { transport, membership } = this.deps;
    const channel: Channel = `ask:${topic}`;
    const withdraw = membership.answers(topic);
    // Requesters wait for every member that is announced, so the channel must be open before.
    const told = transport.subscribe(channel).then(() => membership.announce());
    await within(deadline - monotonicNow(), told, () => {});
    return idempotent(async () => {
      withdraw();
      await membership.announce();
      this.#responder.remove(topic);
      await transport.unsubscribe(channel);
    });
  }

  /** Called for requests of a member. */
  asked(requests: RequestsText): void {
    this.#responder.take(requests);
  }

  /** Called for answers to requests of this member. */
  answered({ from, replies }: RepliesText): void {
    replies.forEach(reply => this.#requester.answered(from, reply));
  }

  /** Called when a member has left: its answers will not come. */
  gone(member: string): void {
    this.#requester.gone(member);
  }

  /** Resolves when no handler is running, or after `timeout` milliseconds. */
  async quiesce(timeout: number): Promise<void> {
    await within(timeout, this.#responder.settled(), () => {});
  }

  /** Ends all pending requests as if their time were over. */
  close(): void {
    this.#requester.close();
  }
}
