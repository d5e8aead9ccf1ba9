import { StateFullError } from '../../model/errors/state-full.error.js';
import { StateUnavailableError } from '../../model/errors/state-unavailable.error.js';
import { RECOVERY_MILLISECONDS } from '../../system/time/deadline-timer.js';
import { monotonicNow } from '../../system/time/monotonic-now.js';
import { perform } from '../../state/objects/perform.js';
import type { CallResult, LogEntry, Operation, OperationName } from '../../state/operation.js';
import type { StateClient } from '../../state/client/state-client.js';
import { busMessages } from '../bus.messages.js';
import type { RetentionPolicy } from './retention-policy.js';
import type { ArrivedEvent } from '../subscribe/arrived-event.interface.js';
import { arrivedFrom } from '../subscribe/durable/durable-event.js';
import { RecentMap } from '../../system/collections/recent-map.js';
import type { UnreadableLog } from '../payload/unreadable-log.js';
import { isPattern, topicMatcher } from '../topic-filter.js';

/** Where the topics of which anything is kept are noted, for those who subscribe to patterns. */
const INDEX = '~bus:topics';

/** Of how many topics a process remembers that they are noted. Others are noted again, which changes nothing. */
const NOTED_TOPICS = 10_000;

/** How many events are read at once. */
const MANY = 200;

/**
 * What is kept of topics, in the backend of the shared state: an event is appended exactly once, whatever
 * happens to the connection.
 *
 * @internal
 */
export class DurableTopics {
  readonly #noted = new RecentMap<string, Promise<unknown>>(NOTED_TOPICS);

  constructor(
    private readonly state: StateClient,
    /** Milliseconds within which each call settles. */
    private readonly timeout: number,
    private readonly unreadable: Pick<UnreadableLog, 'add'>,
  ) {}

  /** @returns its offset */
  async append(
    topic: string,
    event: string,
    { length, maxAge, maxBytes }: RetentionPolicy,
  ): Promise<string> {
    const deadline = monotonicNow() + this.timeout;
    try {
      await this.#note(topic);
    } catch (cause) {
      if (cause instanceof StateFullError) {
        throw new StateFullError('publish', topic, cause.why, { cause });
      }
      const why = this.state.executor.whyUnusable ?? busMessages.unreachable();
      throw new StateUnavailableError('publish', topic, why, { cause });
    }
    return this.#perform(
      {
        name: 'append',
        key: topic,
        event,
        keep: length,
        ...(maxAge !== undefined && { maxAge }),
        ...(maxBytes !== undefined && { maxBytes }),
      },
      // A moment is left in any case: it may have been the event loop of this process that took the time.
      Math.max(RECOVERY_MILLISECONDS, deadline - monotonicNow()),
    );
  }

  /** The topics of which something may be kept, of those that a filter stands for; of one topic, itself. */
  async topicsOf(filter: string): Promise<string[]> {
    if (!isPattern(filter)) {
      return [filter];
    }
    const entries = await this.#perform({ name: 'mapEntries', key: INDEX });
    return entries.map(([topic]) => topic).filter(topicMatcher(filter));
  }

  newest(topic: string): Promise<LogEntry | null> {
    return this.#perform({ name: 'newest', key: topic });
  }

  /** An event of a topic, as it is handed on; `undefined`, and logged, if it cannot be read. */
  read(topic: string, entry: LogEntry): (ArrivedEvent & { offset: string }) | undefined {
    try {
      return arrivedFrom(entry);
    } catch (error) {
      this.unreadable.add(busMessages.unreadableEvent(topic), error as Error);
      return undefined;
    }
  }

  /** The next ones after an offset, and the offset of the newest. */
  after(topic: string, offset: string): Promise<{ entries: readonly LogEntry[]; last: string }> {
    return this.#perform({ name: 'history', key: topic, after: offset, count: MANY });
  }

  async join(topic: string, group: string): Promise<void> {
    await this.#note(topic);
    await this.#perform({ name: 'groupJoin', key: topic, group });
  }

  /** The next ones that no other member has; or `again` those that this one has already. */
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

  /** Who has taken something. */
  members(topic: string, group: string): Promise<readonly string[]> {
    return this.#perform({ name: 'groupMembers', key: topic, group });
  }

  /** Takes over what members have who are dead. */
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

  /** The backend may have forgotten what it was told. */
  forget(): void {
    this.#noted.clear();
  }

  /** One promise for all who wait for it, so that they go on in the order in which they came. */
  #note(topic: string): Promise<unknown> {
    let noted: Promise<unknown> | undefined = this.#noted.get(topic);
    if (!noted) {
      noted = this.#perform({ name: 'mapSet', key: INDEX, field: topic, value: '1' }).catch(
        (error: unknown) => this.#assertNoted(topic, error),
      );
      this.#noted.set(topic, noted);
      noted.catch(() => this.#noted.delete(topic));
    }
    return noted;
  }

  /** A full backend refuses to note again what is noted already. */
  async #assertNoted(topic: string, error: unknown): Promise<void> {
    const isFull = error instanceof StateFullError;
    if (!isFull || (await this.#perform({ name: 'mapGet', key: INDEX, field: topic })) === null) {
      throw error;
    }
  }

  #perform<Name extends OperationName>(
    operation: Operation<Name>,
    timeout = this.timeout,
  ): Promise<CallResult<Name>> {
    return perform(this.state, 'the topics of the bus', operation, { timeout });
  }
}
