import type { GroupConsumer } from './group-consumer.js';
import type { DurableTopics } from '../../publish/durable-topics.js';
import type { Mailbox } from '../mailbox.js';
import { type GroupReaderState, mayBecome } from './group-reader-states.js';
import type { Semaphore } from './semaphore.js';

/** Between attempts at a backend that does not answer. */
const RETRY_MILLISECONDS = 500;

/**
 * What may have to be done:
 *
 * - `take`: there may be events that nobody has taken
 * - `askAgain`: there may be events that this consumer has without knowing, because an answer was lost, or
 *   because they are inherited
 * - `inherit`: there may be events on consumers that nobody has any more
 */
type GroupTask = 'take' | 'askAgain' | 'inherit';

/**
 * Takes the events of one topic on behalf of a group: no more at a time than there are places, so that
 * others take the rest. What is taken is in hand until it is handled, and then done, which is told before
 * the next is taken.
 *
 * @internal
 */
export class GroupReader {
  #state: GroupReaderState = 'idle';
  readonly #tasks = new Set<GroupTask>(['take', 'askAgain', 'inherit']);
  readonly #inHand = new Set<string>();
  #done: string[] = [];
  #joined: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly topic: string,
    private readonly kept: DurableTopics,
    private readonly consumer: GroupConsumer,
    private readonly places: Semaphore,
    private readonly mailbox: Mailbox,
    /** Whether the group takes only what is published from now on, if it is new. */
    private readonly beginsNow: boolean,
  ) {}

  /** Resolves when no event is missed by the group from now on. */
  async start(): Promise<void> {
    await this.#join();
    this.work();
  }

  /** There is something to take. */
  take(): void {
    this.#tasks.add('take');
    this.work();
  }

  /** Somebody is gone. */
  inherit(): void {
    this.#tasks.add('inherit');
    this.work();
  }

  /** Goes on, if there is anything to do. */
  work(): void {
    if (this.#hasWork && this.#become('working')) {
      this.#working = this.#workOn();
    }
  }

  /** Takes no more. */
  stop(): void {
    this.#become('stopped');
    clearTimeout(this.#retry);
  }

  /** Tells what is done. What it has taken and not begun is others' once the consumer is given up. */
  async leave(): Promise<void> {
    await this.#working;
    try {
      await this.#tellDone();
      await this.kept.leave(this.topic, this.consumer.group, this.consumer.name);
    } catch {
      // It is all others', as if this member had died.
    }
  }

  get #hasWork(): boolean {
    const takes = this.#mayTake && this.places.free > 0;
    return takes || this.#tasks.has('inherit') || this.#done.length > 0;
  }

  get #mayTake(): boolean {
    return this.#tasks.has('askAgain') || this.#tasks.has('take');
  }

  /** @returns whether it has changed to this state */
  #become(state: GroupReaderState): boolean {
    const may = mayBecome(this.#state, state);
    if (may) {
      this.#state = state;
    }
    return may;
  }

  async #join(): Promise<void> {
    this.#joined ??= this.beginsNow
      ? this.kept.join(this.topic, this.consumer.group)
      : Promise.resolve();
    try {
      await this.#joined;
    } catch (error) {
      this.#joined = undefined;
      throw error;
    }
  }

  async #workOn(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await this.#join();
      while (this.#hasWork && this.#state === 'working') {
        await this.#tellDone();
        await this.#takeOver();
        await this.#takeSome();
      }
      this.#become('idle');
    } catch {
      this.#tasks.add('askAgain');
      if (this.#become('backingOff')) {
        this.#retry = setTimeout(() => this.#workAgain(), RETRY_MILLISECONDS);
      }
    }
  }

  #workAgain(): void {
    this.#become('idle');
    this.work();
  }

  async #tellDone(): Promise<void> {
    const done = this.#done;
    if (done.length === 0) {
      return;
    }
    this.#done = [];
    try {
      await this.kept.done(this.topic, this.consumer.group, done);
    } catch (error) {
      this.#done.unshift(...done);
      throw error;
    }
  }

  async #takeOver(): Promise<void> {
    if (!this.#tasks.delete('inherit')) {
      return;
    }
    try {
      const { group, name } = this.consumer;
      // Who takes something has told of its consumer before: those who have taken, and are not told of, are dead.
      const dead = await this.consumer.findDead(await this.kept.members(this.topic, group));
      if (dead.length > 0) {
        const { inherited, missed } = await this.kept.inherit(this.topic, group, name, dead);
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

  async #takeSome(): Promise<void> {
    const task = this.#tasks.has('askAgain') ? 'askAgain' : 'take';
    const again = task === 'askAgain';
    const room = this.#mayTake ? this.places.takeAll() : 0;
    if (room === 0) {
      return;
    }
    // Those are among what it is told again, if they are not done meanwhile.
    const known = new Set([...this.#inHand, ...this.#done]);
    // What is told while the answer is under way, the answer may not have yet.
    this.#tasks.delete(task);
    let taken = 0;
    try {
      const { group, name } = this.consumer;
      const count = again ? room + known.size : room;
      const answer = await this.kept.take(this.topic, group, name, count, again);
      this.#tellMissed(answer.missed);
      const fresh = answer.entries.filter(([offset]) => !known.has(offset));
      fresh.forEach(entry => this.#give(entry));
      taken = fresh.length;
      // Until there is nothing: an answer may bring less than what there is.
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
      this.#done.push(offset);
      this.places.giveBack(1);
      this.work();
    };
    const event = this.kept.read(this.topic, entry);
    if (event) {
      this.mailbox.add({ event, done });
    } else {
      // Nobody can handle it: left pending, it would be handed on for ever.
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
