import type { MemberInfo, Sender } from './bus-member.interface.js';
import type { BusTransport } from '../bus-transport.interface.js';
import { isPattern } from '../topic-filter.js';

interface Place {
  readonly filter: string;
  readonly group: string | undefined;
}

/**
 * What this member takes part in, as far as others have to know: they choose among the members of groups,
 * and wait for those who answer.
 *
 * @internal
 */
export class Membership {
  readonly #places = new Set<Place>();
  readonly #topics = new Set<string>();
  readonly #consumers = new Set<string>();
  #told: string;
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
        : places.flatMap(({ filter, group }) => (group === undefined ? [] : [{ filter, group }])),
      consumers: [...this.#consumers],
      patterns: [...new Set(places.map(({ filter }) => filter).filter(isPattern))],
    };
  }

  /** It subscribes, to be told to others by `announce()`; the answer takes it back. */
  subscribes(filter: string, group: string | undefined): () => void {
    const place = { filter, group };
    this.#places.add(place);
    return () => this.#places.delete(place);
  }

  /** It has a consumer in a group; likewise. What it has taken on it is others' once that is taken back. */
  registered(consumer: string): () => void {
    this.#consumers.add(consumer);
    return () => this.#consumers.delete(consumer);
  }

  /** It answers; likewise. */
  answers(topic: string): () => void {
    this.#topics.add(topic);
    return () => this.#topics.delete(topic);
  }

  /** From now on it takes part in no group, and answers nobody. */
  leave(): Promise<void> {
    this.#isLeaving = true;
    return this.announce();
  }

  /** Tells the others, once for all changes of a turn. A backend that is away is told when it is back. */
  announce(): Promise<void> {
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
      await this.transport.announce(info).catch(() => {});
    }
  }
}
