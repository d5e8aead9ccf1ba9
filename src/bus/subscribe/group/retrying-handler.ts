import { messageOf } from '../../../system/text/message-of.js';
import { busMessages } from '../../bus.messages.js';
import type { FaultReport } from '../../fault-report.js';
import type { Gap } from '../../gaps/gap.interface.js';
import { memberOf } from '../../membership/bus-member.interface.js';
import type { ArrivedEvent } from '../arrived-event.interface.js';
import type { AttemptFailure, EventHandler } from '../event-handler.js';
import { ABANDONED, type MailboxHandler } from '../mailbox.js';
import type { DeadLetter } from './dead-letter.interface.js';
import { retryDelay, type RetryPolicy } from './retry-policy.js';

/** Milliseconds before the first retry of a dead letter that could not be published. */
const DEAD_LETTER_BACKOFF = 500;

/** What the handler of a group needs. @internal */
export interface RetryingHandlerDependencies {
  readonly report: FaultReport;
  /** Publishes an event on a durable topic. @param payload as JSON */
  readonly publish: (topic: string, payload: string) => Promise<void>;
}

/**
 * Calls a handler again when it has failed. An event that still fails is published on the dead letter topic. Until
 * then, the event keeps its place among those that are handled at the same time. When the subscription ends, an event
 * that waits for its next attempt is left to another member of the group.
 *
 * @internal
 */
export class RetryingHandler implements MailboxHandler {
  readonly #ended = new AbortController();

  constructor(
    private readonly handler: EventHandler,
    private readonly group: string,
    private readonly policy: RetryPolicy,
    private readonly deps: RetryingHandlerDependencies,
  ) {}

  async handle(event: ArrivedEvent): Promise<typeof ABANDONED | void> {
    const { retries, backoff } = this.policy;
    this.deps.report.topics.received(event.topic);
    // A handler that fails may have changed its payload before.
    const text = JSON.stringify(event.payload ?? null);
    for (let attempt = 1; ; attempt++) {
      const copy = attempt === 1 ? event : { ...event, payload: JSON.parse(text) as unknown };
      const failure = await this.handler.attempt(copy);
      if (!failure) {
        return;
      }
      if (failure.fault || attempt > retries) {
        return this.#giveUp(
          { ...event, payload: JSON.parse(text) as unknown },
          failure,
          failure.fault ? 0 : attempt,
        );
      }
      const delay = retryDelay(attempt, backoff);
      const { name } = this.handler;
      this.deps.report.warn(
        busMessages.handlerRetries(name, event.topic, failure.error, attempt, retries, delay),
      );
      if (!(await this.#pause(delay))) {
        return ABANDONED;
      }
    }
  }

  gap(gap: Gap): void {
    this.handler.gap(gap);
  }

  stop(): void {
    this.#ended.abort();
  }

  async #giveUp(
    event: ArrivedEvent,
    failure: AttemptFailure,
    attempts: number,
  ): Promise<typeof ABANDONED | void> {
    this.handler.reportFailure(event, failure);
    const { deadLetter } = this.policy;
    if (deadLetter === undefined) {
      return;
    }
    const payload = JSON.stringify(this.#letterOf(event, failure, attempts));
    for (let attempt = 1; ; attempt++) {
      try {
        await this.deps.publish(deadLetter, payload);
        return;
      } catch (error) {
        this.deps.report.warn(busMessages.deadLetterFailed(event.topic, deadLetter, error));
        if (!(await this.#pause(retryDelay(attempt, DEAD_LETTER_BACKOFF)))) {
          return ABANDONED;
        }
      }
    }
  }

  #letterOf(
    { topic, offset = '', payload, from }: ArrivedEvent,
    { fault, error }: AttemptFailure,
    attempts: number,
  ): DeadLetter {
    return {
      topic,
      offset,
      payload,
      from: memberOf(from),
      group: this.group,
      error: fault ? fault.issues.map(({ message }) => message).join('; ') : messageOf(error),
      attempts,
    };
  }

  /** Waits. @returns false as soon as the subscription has ended */
  #pause(milliseconds: number): Promise<boolean> {
    const { signal } = this.#ended;
    if (signal.aborted) {
      return Promise.resolve(false);
    }
    return new Promise(resolve => {
      const end = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve(true);
      }, milliseconds);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}
