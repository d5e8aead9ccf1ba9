import type { BusTransport } from '../../bus-transport.interface.js';
import type { Membership } from '../../membership/membership.js';

/** Separates the name of a member, which never contains it, from the number of a consumer. The same in all versions. */
const SEPARATOR = '#';

/**
 * One consumer in a group on durable topics. A member of the bus may have several consumers, and announces all of
 * them to the other members.
 *
 * @internal
 */
export class GroupConsumer {
  static #count = 0;

  /** Unique among all consumers. */
  readonly name: string;

  constructor(
    readonly group: string,
    member: string,
    private readonly transport: BusTransport,
    private readonly membership: Pick<Membership, 'confirm'>,
  ) {
    this.name = `${member}${SEPARATOR}${++GroupConsumer.#count}`;
  }

  /**
   * Resolves when the other members can know of this consumer. Before, the consumer must not take events: the others
   * would inherit them.
   *
   * @throws if the backend is unavailable
   */
  announce(): Promise<void> {
    return this.membership.confirm();
  }

  /** Returns those of the given consumers whose member has left. */
  async findDead(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
      return [];
    }
    const { infos, strangers } = await this.transport.members();
    const taken = new Set(infos.flatMap(({ consumers }) => consumers));
    // The consumers of members of other versions are unknown, so all of them count as alive.
    const alive = new Set(strangers.map(({ member }) => member));
    return names.filter(name => !taken.has(name) && !alive.has(memberOfConsumer(name)));
  }
}

function memberOfConsumer(name: string): string {
  return name.slice(0, name.lastIndexOf(SEPARATOR));
}
