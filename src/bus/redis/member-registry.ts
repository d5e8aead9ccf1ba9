import type { RedisLink } from '../../redis/redis-link.js';
import { Script } from '../../redis/script.js';
import type { RedisKeys } from '../../state/redis/redis-keys.js';
import type { MemberCard } from '../bus-member.interface.js';

/** How long a member that says nothing counts as one, in milliseconds. */
const LEASE = 10_000;

const RENEWAL = LEASE / 3;

const SCRIPT = new Script(new URL('./lua/', import.meta.url), 'members');

/**
 * Who takes part in the bus of a namespace: what each member tells of itself, for as long as it is there,
 * or, should its host end without a word, until its lease is over.
 *
 * @internal
 */
export class MemberRegistry {
  #card: MemberCard | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: RedisKeys,
  ) {}

  /** Where changes are told. */
  get channel(): string {
    return this.keys.of('bus', 'members');
  }

  /** Tells of this member, and renews that for as long as it does not leave. */
  async announce(card: MemberCard): Promise<void> {
    this.#card = card;
    this.#timer ??= setInterval(() => void this.#renew(), RENEWAL).unref();
    await this.#run('announce', card.member, JSON.stringify(card));
  }

  /** Tells it again, to a backend that may have forgotten it. */
  async announceAgain(): Promise<void> {
    if (this.#card) {
      await this.announce(this.#card).catch(() => {});
    }
  }

  async list(): Promise<MemberCard[]> {
    const cards = (await this.#run('list')) as string[];
    return cards.map(card => JSON.parse(card) as MemberCard);
  }

  /** A member, this one or one that is dead, is gone. */
  async remove(member: string): Promise<void> {
    if (member === this.#card?.member) {
      clearInterval(this.#timer);
      this.#card = undefined;
    }
    await this.#run('leave', member);
  }

  async #renew(): Promise<void> {
    const card = this.#card;
    // When the backend is away, it is told as soon as it is back.
    const renewed = card && (await this.#run('renew', card.member).catch(() => undefined));
    if (Number(renewed ?? 1) === 0) {
      await this.announceAgain();
    }
  }

  #run(what: string, member = '', card = ''): Promise<unknown> {
    const { keys } = this;
    return SCRIPT.run(
      this.link.client,
      [keys.of('bus', 'members'), keys.of('bus-leases', 'members'), this.channel],
      [what, keys.publishing, LEASE, member, card],
    );
  }
}
