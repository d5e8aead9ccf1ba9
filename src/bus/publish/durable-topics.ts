import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateOutageError } from '../../model/errors/state-outage.error.js';
import { StateTypeError } from '../../model/errors/state-type.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { timeLeftUntil } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { perform } from '../../state/objects/perform.js';
import type { CallResult, LogEntry, Operation, OperationName } from '../../state/operation.js';
import type { StateClient } from '../../state/client/state-client.js';
import { isReplyError } from '../../redis/connection/is-reply-error.js';
import { busMessages } from '../bus.messages.js';
import type { RetentionPolicy } from './retention-policy.js';
import type { ArrivedEvent } from '../subscribe/arrived-event.interface.js';
import { arrivedFrom, LargeEventError } from '../subscribe/durable/durable-event.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import type { BusWarnings } from '../bus-warnings.js';
import { parseOffset } from '../../state/offset.js';
import { mapInTurn } from '../../system/async/map-in-turn.js';
import { isPattern, topicMatcher } from '../topic-filter.js';
import { type DurableTopicInfo, infoOf } from './durable-topic-info.js';

/** The key of the list of durable and retained topics, which subscribers of patterns read. */
const INDEX = '~bus:topics';

/** Number of topics that a process remembers as listed. Others are listed again, which has no effect. */
const NOTED_TOPICS = 10_000;

/** The maximum number of topics that are described at the same time. */
const SOME = 50;

/** The maximum number of events in one read. */
const MANY = 200;

/**
 * The stored events of topics, in the backend of the shared state. An event is appended exactly once, even if the
 * connection is lost.
 *
 * @internal
 */
export class DurableTopics {
  readonly #noted = new RecentMap<string, Promise<unknown>>(NOTED_TOPICS);

  constructor(
    private readonly state: StateClient,
    /** Timeout of each call in milliseconds. */
    private readonly timeout: number,
    private readonly warnings: Pick<BusWarnings, 'unreadable' | 'tooLarge' | 'stalled'>,
  ) {}

  /** Appends an event, by a deadline of the monotonic clock. @returns its offset */
  async append(
    topic: string,
    event: string,
    { length, maxAge, maxBytes }: RetentionPolicy,
    deadline = monotonicNow() + this.timeout,
  ): Promise<string> {
    await this.#asPartOf('publish', topic, this.#note(topic, timeLeftUntil(deadline)));
    const offset = await this.#perform(
      {
        name: 'append',
        key: topic,
        event,
        keep: length,
        ...(maxAge !== undefined && { maxAge }),
        ...(maxBytes !== undefined && { maxBytes }),
      },
      timeLeftUntil(deadline),
    );
    if (parseOffset(offset).n === 1) {
      // The log is new. If it was deleted, it is not listed any more, although this process has listed it before.
      this.#noted.delete(topic);
      this.#note(topic).catch(() => {});
    }
    return offset;
  }

  /** Returns the topics that match a filter and may have stored events; for a plain name, that name. */
  async topicsOf(filter: string): Promise<string[]> {
    if (!isPattern(filter)) {
      return [filter];
    }
    const entries = await this.#perform({ name: 'mapEntries', key: INDEX });
    return entries.map(([topic]) => topic).filter(topicMatcher(filter));
  }

  /** Returns the durable and retained topics that match a filter, with their stored events and groups. */
  async describe(filter: string): Promise<DurableTopicInfo[]> {
    const names = await this.#asPartOf('durableTopics', filter, this.topicsOf(filter));
    const infos = await mapInTurn(names, SOME, async name => {
      const facts = await this.#perform({ name: 'historyFacts', key: name });
      return facts ? [infoOf(name, facts)] : [];
    });
    return infos.flat();
  }

  /** Deletes the stored events of a topic, and its groups. @returns whether there were any */
  async delete(topic: string): Promise<boolean> {
    const unlisted = this.#perform({ name: 'mapDelete', key: INDEX, field: topic });
    await this.#asPartOf('deleteTopic', topic, unlisted);
    return this.#perform({ name: 'historyDelete', key: topic });
  }

  deleteGroup(topic: string, group: string, timeout: number): Promise<boolean> {
    return this.#perform({ name: 'groupDelete', key: topic, group }, timeout);
  }

  newest(topic: string): Promise<LogEntry | null> {
    return this.#perform({ name: 'newest', key: topic });
  }

  /** Returns an entry of a topic log as an event. If it cannot be read, logs that and returns `undefined`. */
  read(topic: string, entry: LogEntry): (ArrivedEvent & { offset: string }) | undefined {
    try {
      return arrivedFrom(entry);
    } catch (error) {
      if (error instanceof LargeEventError) {
        this.warnings.tooLarge(topic, error);
      } else {
        this.warnings.unreadable(busMessages.unreadableEvent(topic), error as Error);
      }
      return undefined;
    }
  }

  /**
   * Logs that the backend refuses a request that a subscription repeats: once for each reason, and once a minute while it
   * lasts. Not if the backend does not answer: publishers get that error.
   */
  stalled(filter: string, error: unknown): void {
    const isOutage =
      this.state.executor.unavailableSince !== undefined || this.state.whyRefused !== undefined;
    const refusal = isOutage ? undefined : refusalIn(error);
    if (refusal) {
      this.warnings.stalled(filter, refusal.message, error);
    }
  }

  /**
   * Returns the next events after an offset, the offset of the newest event, and whether the log still has the event at
   * the given offset, so that the next ones follow on it.
   */
  after(topic: string, offset: string): Promise<CallResult<'history'>> {
    return this.#perform({ name: 'history', key: topic, after: offset, count: MANY });
  }

  async join(topic: string, group: string): Promise<void> {
    await this.#note(topic);
    await this.#perform({ name: 'groupJoin', key: topic, group });
  }

  /** Takes the next events that no consumer has, or with `again` returns those that this consumer already has. */
  take(
    topic: string,
    group: string,
    member: string,
    count: number,
    again: boolean,
  ): Promise<{ entries: readonly LogEntry[]; missed: number }> {
    return this.#perform({ name: 'groupTake', key: topic, group, member, count, again });
  }

  async done(topic: string, group: string, offsets: readonly string[]): Promise<void> {
    await this.#perform({ name: 'groupDone', key: topic, group, offsets });
  }

  /** Returns the consumers that have taken events. */
  members(topic: string, group: string): Promise<readonly string[]> {
    return this.#perform({ name: 'groupMembers', key: topic, group });
  }

  /** Takes over the events of dead consumers. */
  inherit(
    topic: string,
    group: string,
    member: string,
    dead: readonly string[],
  ): Promise<{ inherited: number; missed: number }> {
    return this.#perform({ name: 'groupInherit', key: topic, group, member, dead });
  }

  async leave(topic: string, group: string, member: string): Promise<void> {
    await this.#perform({ name: 'groupLeave', key: topic, group, member });
  }

  /** Called when the backend may have lost its data: lists the topics again. */
  forget(): void {
    this.#noted.clear();
  }

  /** Returns one promise for all callers, so that they continue in the order of their calls. */
  #note(topic: string, timeout = this.timeout): Promise<unknown> {
    let noted: Promise<unknown> | undefined = this.#noted.get(topic);
    if (!noted) {
      noted = this.#perform(
        { name: 'mapSet', key: INDEX, field: topic, value: '1' },
        timeout,
      ).catch((error: unknown) => this.#assertNoted(topic, error));
      this.#noted.set(topic, noted);
      noted.catch(() => this.#noted.delete(topic));
    }
    return noted;
  }

  /** A full backend refuses to list a topic again: rethrows the error unless the topic is listed already. */
  async #assertNoted(topic: string, error: unknown): Promise<void> {
    const isFull = error instanceof StateFullError;
    if (!isFull || (await this.#perform({ name: 'mapGet', key: INDEX, field: topic })) === null) {
      throw error;
    }
  }

  /**
   * Awaits an operation on the list of topics, which comes before the operation on the topic itself. If it fails, the
   * error names the method and the topic of the caller: nothing was applied to the topic.
   */
  async #asPartOf<T>(method: string, topic: string, listed: Promise<T>): Promise<T> {
    try {
      return await listed;
    } catch (cause) {
      if (cause instanceof StateFullError) {
        throw new StateFullError(method, topic, cause.why, { cause });
      }
      if (cause instanceof StateOutageError) {
        const why = cause instanceof StateUnavailableError ? cause.why : busMessages.unreachable();
        throw new StateUnavailableError(method, topic, why, { cause });
      }
      throw cause;
    }
  }

  #perform<Name extends OperationName>(
    operation: Operation<Name>,
    timeout = this.timeout,
  ): Promise<CallResult<Name>> {
    return perform(this.state, 'the topics of the bus', operation, { timeout });
  }
}

/** Returns the error with which the backend has refused a call; `undefined` if it has not answered. */
function refusalIn(error: unknown): Error | undefined {
  const cause = error instanceof StateOutageError ? error.cause : error;
  const isRefusal =
    cause instanceof StateTypeError || (cause instanceof Error && isReplyError(cause));
  return isRefusal ? cause : undefined;
}
