import type { GroupSeat } from './group-seat.js';
import { arrivedFrom } from './kept-event.js';
import type { KeptTopics } from './kept-topics.js';
import type { Mailbox } from './mailbox.js';

/** Between attempts at a backend that does not answer. */
const RETRY_MILLISECONDS = 500;

/**
 * Takes the events of one topic on behalf of a group: no more at a time than are handled at a time, so
 * that others take the rest.
 *
 * @internal
 */
export class GroupReader {
  readonly #inHand = new Set<string>();
  #done: string[] = [];
  #joined: Promise<void> | undefined;
  #isWorking = false;
  /** There may be events that nobody has taken. */
  #wantsMore = true;
  /** Events may have been given to this member without its knowing: an answer was lost. */
  #asksAgain = true;
  /** There may be events that members have who are gone. */
  #inherits = true;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly topic: string,
    private readonly kept: KeptTopics,
    private readonly seat: GroupSeat,
    private readonly concurrency: number,
    private readonly mailbox: Mailbox,
    /** Whether the group takes only what is published from now on, if it is new. */
    private readonly beginsNow: boolean,
  ) {}

  /** Resolves when no event is missed by the group from now on. */
  async start(): Promise<void> {
    this.#joined ??= this.beginsNow
      ? this.kept.join(this.topic, this.seat.group)
      : Promise.resolve();
    try {
      await this.#joined;
    } catch (error) {
      this.#joined = undefined;
      throw error;
    }
    this.#work();
  }

  take(): void {
    this.#wantsMore = true;
    this.#work();
  }

  inherit(): void {
    this.#inherits = true;
    this.#work();
  }

  /** Takes no more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
  }

  /** Tells what is done, and gives back what is not. */
  async leave(): Promise<void> {
    try {
      await this.#tellDone();
      await this.kept.leave(this.topic, this.seat.group, this.seat.name);
    } catch {
      // Others inherit it all, as if this member had died.
    }
  }

  get #hasWork(): boolean {
    return (
      this.#done.length > 0 ||
      this.#inherits ||
      this.#asksAgain ||
      (this.#wantsMore && this.#inHand.size < this.concurrency)
    );
  }

  #work(): void {
    if (!this.#isWorking && !this.#isStopped) {
      void this.#workOn();
    }
  }

  async #workOn(): Promise<void> {
    this.#isWorking = true;
    clearTimeout(this.#retry);
    try {
      await this.start();
      while (this.#hasWork && !this.#isStopped) {
        await this.#tellDone();
        await this.#takeOver();
        await this.#takeSome();
      }
    } catch {
      this.#asksAgain = true;
      this.#retry = setTimeout(() => this.#work(), RETRY_MILLISECONDS);
    } finally {
      this.#isWorking = false;
    }
  }

  async #tellDone(): Promise<void> {
    const done = this.#done;
    if (done.length > 0) {
      await this.kept.done(this.topic, this.seat.group, done);
      this.#done = this.#done.slice(done.length);
    }
  }

  async #takeOver(): Promise<void> {
    if (!this.#inherits) {
      return;
    }
    this.#inherits = false;
    try {
      const { group, name } = this.seat;
      // Who takes something has told of itself before: those who have taken, and are not told of, are dead.
      const dead = await this.seat.findDead(await this.kept.members(this.topic, group));
      if (dead.length > 0) {
        const { inherited, missed } = await this.kept.inherit(this.topic, group, name, dead);
        this.#tellMissed(missed);
        this.#asksAgain ||= inherited > 0;
      }
    } catch (error) {
      this.#inherits = true;
      throw error;
    }
  }

  async #takeSome(): Promise<void> {
    const again = this.#asksAgain;
    const room = this.concurrency - this.#inHand.size;
    if (!again && (!this.#wantsMore || room <= 0)) {
      return;
    }
    this.#asksAgain = false;
    const { group, name } = this.seat;
    // Those in hand are among those that are asked for again.
    const count = again ? Number.MAX_SAFE_INTEGER : room;
    this.#wantsMore &&= again;
    try {
      const { entries, missed } = await this.kept.take(this.topic, group, name, count, again);
      this.#tellMissed(missed);
      const fresh = entries.filter(([position]) => !this.#inHand.has(position));
      fresh.forEach(entry => this.#give(entry));
      this.#wantsMore ||= !again && fresh.length === count;
    } catch (error) {
      this.#wantsMore = true;
      this.#asksAgain = true;
      throw error;
    }
  }

  #give(entry: readonly [position: string, event: string]): void {
    const [position] = entry;
    this.#inHand.add(position);
    this.mailbox.add({
      event: arrivedFrom(entry),
      done: () => {
        this.#inHand.delete(position);
        this.#done.push(position);
        this.#work();
      },
    });
  }

  #tellMissed(missed: number): void {
    if (missed > 0) {
      this.mailbox.tell({ topic: this.topic, missed, reason: 'trimmed' });
    }
  }
}
