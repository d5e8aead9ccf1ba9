import type { BusTransport } from '../../bus-transport.interface.js';

/** Between the name of a member, which does not contain it, and the number of a consumer: the same in all versions. */
const SEPARATOR = '#';

/**
 * The place of one subscriber in a group that shares what is kept: a member of the bus may have several,
 * and tells the others which.
 *
 * @internal
 */
export class GroupConsumer {
  static #count = 0;

  /** No other consumer has it. */
  readonly name: string;

  constructor(
    readonly group: string,
    member: string,
    private readonly transport: BusTransport,
  ) {
    this.name = `${member}${SEPARATOR}${++GroupConsumer.#count}`;
  }

  /** Those of the consumers that nobody has any more. */
  async findDead(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
      return [];
    }
    const { infos, strangers } = await this.transport.members();
    const taken = new Set(infos.flatMap(({ consumers }) => consumers));
    // Which consumers those have, it cannot be read.
    const alive = new Set(strangers.map(({ member }) => member));
    return names.filter(name => !taken.has(name) && !alive.has(memberOfSeat(name)));
  }
}

function memberOfSeat(name: string): string {
  return name.slice(0, name.lastIndexOf(SEPARATOR));
}
