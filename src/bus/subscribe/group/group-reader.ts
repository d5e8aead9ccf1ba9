import type { GroupConsumer } from './group-consumer.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import type { Mailbox } from '../mailbox.js';
import { type GroupReaderState, mayBecome } from './group-reader-states.js';
import type { Semaphore } from './semaphore.js';

/** Delay between attempts to reach a backend that does not answer. */
const RETRY_MILLISECONDS = 500;

/**
 * The work that may be pending:
 *
 * - `take`: the topic may have events that no consumer has taken
 * - `askAgain`: the backend may have assigned events to this consumer that it does not know of, because an answer was
 *   lost, or because it inherited them
 * - `inherit`: dead consumers may have events that they did not handle
 */
type GroupTask = 'take' | 'askAgain' | 'inherit';

/**
 * Takes the events of one topic for one consumer of a group. It takes only as many events as it has free places, so
 * that other members take the rest. Handled events are acknowledged before new ones are taken.
 *
 * @internal
 */
export class GroupReader {
  #state: GroupReaderState = 'idle';
  readonly #tasks = new Set<GroupTask>(['take', 'askAgain', 'inherit']);
  /** The offsets of events that were taken and not handled yet. */
  readonly #inHand = new Set<string>();
  /** The offsets of handled events that are not acknowledged yet. */
  #handled: string[] = [];
  #joined: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly topic: string,
    private readonly topics: DurableTopics,
    private readonly consumer: GroupConsumer,
    private readonly places: Semaphore,
    private readonly mailbox: Mailbox,
    /** Whether a new group starts with the events that are published from now on. */
    private readonly beginsNow: boolean,
  ) {}

  /** Resolves when the group will miss no event that is published from now on. */
  async start(): Promise<void> {
    await this.#join();
    this.work();
  }

  /** Called when the topic may have new events. */
  take(): void {
    this.#tasks.add('take');
    this.work();
  }

  /** Called when a member has left: its events may have to be inherited. */
  inherit(): void {
    this.#tasks.add('inherit');
    this.work();
  }

  /** Starts to work if anything is pending. */
  work(): void {
    if (this.#hasWork && this.#become('working')) {
      this.#working = this.#workAll();
    }
  }

  /** Stops taking events. */
  stop(): void {
    this.#become('stopped');
    clearTimeout(this.#retry);
  }

  /** Acknowledges handled events. Other members inherit the events that were taken but not handled. */
  async leave(): Promise<void> {
    await this.#working;
    try {
      await this.#acknowledge();
      await this.topics.leave(this.topic, this.consumer.group, this.consumer.name);
    } catch {
      // Other members inherit the events, as they do when a member dies.
    }
  }

  get #hasWork(): boolean {
    const takes = this.#mayTake && this.places.free > 0;
    return takes || this.#tasks.has('inherit') || this.#handled.length > 0;
  }

  get #mayTake(): boolean {
    return this.#tasks.has('askAgain') || this.#tasks.has('take');
  }

  /** Changes the state if the transition is allowed. @returns whether it is */
  #become(state: GroupReaderState): boolean {
    const may = mayBecome(this.#state, state);
    if (may) {
      this.#state = state;
    }
    return may;
  }

  async #join(): Promise<void> {
    this.#joined ??= this.beginsNow
      ? this.topics.join(this.topic, this.consumer.group)
      : Promise.resolve();
    try {
      await this.#joined;
    } catch (error) {
      this.#joined = undefined;
      throw error;
    }
  }

  async #workAll(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await this.#join();
      while (this.#hasWork && this.#state === 'working') {
        await this.#acknowledge();
        await this.#inheritEvents();
        await this.#takeEvents();
      }
      this.#become('idle');
    } catch (error) {
      this.#tasks.add('askAgain');
      if (this.#become('backingOff')) {
        this.topics.stalled(this.topic, error);
        this.#retry = setTimeout(() => this.#workAgain(), RETRY_MILLISECONDS);
      }
    }
  }

  #workAgain(): void {
    this.#become('idle');
    this.work();
  }

  async #acknowledge(): Promise<void> {
    const handled = this.#handled;
    if (handled.length === 0) {
      return;
    }
    this.#handled = [];
    try {
      await this.topics.done(this.topic, this.consumer.group, handled);
    } catch (error) {
      this.#handled.unshift(...handled);
      throw error;
    }
  }

  async #inheritEvents(): Promise<void> {
    if (!this.#tasks.delete('inherit')) {
      return;
    }
    try {
      const { group, name } = this.consumer;
      // A member announces its consumer before it takes events. A consumer with events that no member announces is
      // dead.
      const dead = await this.consumer.findDead(await this.topics.members(this.topic, group));
      if (dead.length > 0) {
        const { inherited, missed } = await this.topics.inherit(this.topic, group, name, dead);
        this.#tellMissed(missed);
        if (inherited > 0) {
          this.#tasks.add('askAgain');
        }
      }
    } catch (error) {
      this.#tasks.add('inherit');
      throw error;
    }
  }

  async #takeEvents(): Promise<void> {
    const task = this.#tasks.has('askAgain') ? 'askAgain' : 'take';
    const again = task === 'askAgain';
    const room = this.#mayTake ? this.places.takeAll() : 0;
    if (room === 0) {
      return;
    }
    // The backend returns these again, unless they are acknowledged meanwhile.
    const known = new Set([...this.#inHand, ...this.#handled]);
    // Deleted before the request: the answer may not contain events that are announced while it is under way.
    this.#tasks.delete(task);
    let taken = 0;
    try {
      const { group, name } = this.consumer;
      const count = again ? room + known.size : room;
      const answer = await this.topics.take(this.topic, group, name, count, again);
      this.#tellMissed(answer.missed);
      const fresh = answer.entries.filter(([offset]) => !known.has(offset));
      fresh.forEach(entry => this.#give(entry));
      taken = fresh.length;
      // An answer may be incomplete: ask again until it is empty.
      if (taken > 0) {
        this.#tasks.add(task);
      }
    } catch (error) {
      this.#tasks.add('take').add('askAgain');
      throw error;
    } finally {
      this.places.giveBack(room - taken);
    }
  }

  #give(entry: readonly [offset: string, event: string]): void {
    if (this.#state === 'stopped') {
      return;
    }
    const [offset] = entry;
    this.#inHand.add(offset);
    const done = (): void => {
      this.#inHand.delete(offset);
      this.#handled.push(offset);
      this.places.giveBack(1);
      this.work();
    };
    const event = this.topics.read(this.topic, entry);
    if (event) {
      this.mailbox.add({ event, done });
    } else {
      // No member can handle it. If it stayed pending, it would be inherited forever.
      this.mailbox.tell({ topic: this.topic, missed: 1, reason: 'lost' });
      done();
    }
  }

  #tellMissed(missed: number): void {
    if (missed > 0) {
      this.mailbox.tell({ topic: this.topic, missed, reason: 'trimmed' });
    }
  }
}
