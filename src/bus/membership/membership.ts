import type { GroupMembership, MemberInfo, Sender } from './bus-member.interface.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { isPattern } from '../topic-filter.js';

interface Place extends Omit<GroupMembership, 'group'> {
  readonly group?: string | undefined;
}

/**
 * The subscriptions of this member that others must know: publishers select a member of each group, and requesters
 * wait for members that answer.
 *
 * @internal
 */
export class Membership {
  readonly #places = new Set<Place>();
  readonly #topics = new Set<string>();
  readonly #consumers = new Set<string>();
  #told: string;
  /** Settles when the last announcement is stored, or could not be stored. */
  #stored: Promise<void> = Promise.resolve();
  #telling: Promise<void> | undefined;
  #isLeaving = false;

  constructor(
    private readonly self: Sender,
    private readonly transport: BusTransport,
  ) {
    this.#told = JSON.stringify(this.info);
  }

  get info(): MemberInfo {
    const places = [...this.#places];
    return {
      ...this.self,
      answers: this.#isLeaving ? [] : [...this.#topics],
      groups: this.#isLeaving
        ? []
        : places.flatMap(({ group, ...place }) =>
            group === undefined ? [] : [{ ...place, group }],
          ),
      consumers: [...this.#consumers],
      patterns: [...new Set(places.map(({ filter }) => filter).filter(isPattern))],
    };
  }

  /** Adds a subscription; `announce()` sends it. @returns a function that removes it */
  subscribes(place: Place): () => void {
    this.#places.add(place);
    return () => this.#places.delete(place);
  }

  /** Adds a consumer of a group. @returns a function that removes it, after which others inherit its events */
  registered(consumer: string): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  /** Adds a topic that this member answers. @returns a function that removes it */
  answers(topic: string): () => void {
    this.#topics.add(topic);
    return () => this.#topics.delete(topic);
  }

  /** Leaves all groups and stops answering requests. */
  leave(): Promise<void> {
    this.#isLeaving = true;
    return this.announce();
  }

  /**
   * Announces this member: once for all changes in one turn of the event loop. If the backend is unavailable, when it
   * is back.
   */
  async announce(): Promise<void> {
    await this.confirm().catch(() => {});
  }

  /**
   * Announces this member, as {@link announce} does. Resolves when all changes so far are stored.
   *
   * @throws if the backend is unavailable
   */
  confirm(): Promise<void> {
    this.#telling ??= this.#tell();
    return this.#telling;
  }

  async #tell(): Promise<void> {
    await Promise.resolve();
    this.#telling = undefined;
    const { info } = this;
    const text = JSON.stringify(info);
    if (text !== this.#told) {
      this.#told = text;
      this.#stored = this.transport.announce(info);
    }
    const stored = this.#stored;
    try {
      await stored;
    } catch (error) {
      if (stored === this.#stored) {
        // The next announcement must not be left out.
        this.#told = '';
      }
      throw error;
    }
  }
}
