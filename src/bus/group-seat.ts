import type { BusTransport } from './bus-transport.interface.js';

/** What follows the name of a member in that of a seat. */
const MARK = '#';

/**
 * The place of one subscriber in a group that shares what is kept: a member of the bus may have several.
 *
 * @internal
 */
export class GroupSeat {
  static #count = 0;

  /** No other seat has it. */
  readonly name: string;

  constructor(
    readonly group: string,
    member: string,
    private readonly transport: BusTransport,
  ) {
    this.name = `${member}${MARK}${++GroupSeat.#count}`;
  }

  /** Those of the seats whose members are gone. */
  async findDead(names: readonly string[]): Promise<string[]> {
    if (names.length === 0) {
      return [];
    }
    const alive = new Set((await this.transport.members()).map(({ member }) => member));
    return names.filter(name => !alive.has(name.slice(0, name.indexOf(MARK))));
  }
}
